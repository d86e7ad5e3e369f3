"""An identity provider: keys, their JWKS document, and tokens, the good and the forged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://login.plant.example"
AUDIENCE = "sensorium"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Issuer:
    """Signs tokens; a key by id, the first of them an RSA key and the second an elliptic one."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {
            "rsa-1": rsa.generate_private_key(65537, 2048),
            "ec-1": ec.generate_private_key(ec.SECP256R1()),
        }

    def jwks(self) -> str:
        entries = []
        for key_id, key in self.keys.items():
            algorithm: Any = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
            entries.append(json.loads(algorithm.to_jwk(key.public_key())) | {"kid": key_id, "use": "sig"})
        return json.dumps({"keys": entries})

    def token(self, key_id: str = "rsa-1", key: Key | None = None, /, **claims: Any) -> str:
        """A good token, unless claims make it another; a claim of None is left out."""
        signer = key or self.keys[key_id]
        algorithm = "RS256" if isinstance(signer, rsa.RSAPrivateKey) else "ES256"
        return jwt.encode(payload(**claims), signer, algorithm, headers={"kid": key_id})

    def hmac_with_public_key(self) -> str:
        """The classic forgery: signed by HMAC, with the public key, which everybody knows, for a secret."""
        pem = (
            self.keys["rsa-1"]
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa-1'})}.{_part(payload())}"
        return f"{signed}.{_base64(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def payload(**claims: Any) -> dict[str, Any]:
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "robot-7", "exp": int(time.time()) + 300}
    return {name: value for name, value in (good | claims).items() if value is not None}


def unsigned() -> str:
    """A token of the algorithm `none`."""
    return f"{_part({'alg': 'none', 'kid': 'rsa-1'})}.{_part(payload())}."


def with_header(token: str, **header: Any) -> str:
    """A token with another header; its signature no longer fits."""
    _, body, signature = token.split(".")
    return f"{_part(header)}.{body}.{signature}"


def _part(content: Any) -> str:
    return _base64(json.dumps(content).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
