"""JSON Web Tokens of an identity provider."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from sensorium_core.errors import UnauthenticatedError
from sensorium_core.security.identity import Credential, Identity, IdentityKind, is_name
from sensorium_core.security.jwks import KeySource

ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Algorithms that can be allowed. `none` proves nothing, and HMAC would make the public key a secret."""

_KEY_KINDS: dict[str, Any] = {
    "RS": rsa.RSAPublicKey,
    "PS": rsa.RSAPublicKey,
    "ES": ec.EllipticCurvePublicKey,
    "Ed": ed25519.Ed25519PublicKey | ed448.Ed448PublicKey,
}
_LONGEST_TOKEN = 8192
_MOST_CACHED = 1024
_REASONS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "TOKEN_EXPIRED", "The token has expired."),
    (jwt.ImmatureSignatureError, "TOKEN_NOT_YET_VALID", "The token is not valid yet."),
    (jwt.InvalidAudienceError, "TOKEN_AUDIENCE", "The token is for another audience."),
    (jwt.InvalidIssuerError, "TOKEN_ISSUER", "The token is of another issuer."),
    (jwt.MissingRequiredClaimError, "TOKEN_CLAIM_MISSING", "The token lacks a claim: exp, iss, aud or its subject."),
    (jwt.InvalidSignatureError, "TOKEN_SIGNATURE", "The token's signature is wrong."),
    (jwt.InvalidAlgorithmError, "TOKEN_ALGORITHM", "The token is signed with an algorithm that is not allowed."),
    (jwt.InvalidKeyError, "TOKEN_ALGORITHM", "The token's algorithm is not that of its key."),
    (jwt.PyJWTError, "TOKEN_MALFORMED", "The token cannot be read."),
)


@dataclass(frozen=True)
class TokenRules:
    """What a token must be.

    Attributes:
        issuer: its `iss`.
        audience: its `aud` must hold one of these.
        algorithms: those it may be signed with, of `ASYMMETRIC`.
        name_claim: the claim that names the caller.
        leeway: seconds by which clocks may differ.
    """

    issuer: str
    audience: tuple[str, ...]
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    name_claim: str = "sub"
    leeway: float = 30.0


@dataclass(frozen=True, slots=True)
class _Verified:
    credential: Credential
    end: float
    generation: int


class TokenVerifier:
    """Verifies tokens by the keys of their issuer.

    A token that was verified is remembered, and verified anew when the issuer's keys change.

    Args:
        keys: of the issuer.
        rules: what to ask of a token.
        clock: seconds since the epoch.
    """

    def __init__(self, keys: KeySource, rules: TokenRules, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._rules = rules
        self._clock = clock
        self._verified: OrderedDict[str, _Verified] = OrderedDict()

    def remembered(self, token: str) -> Credential | None:
        """The credential of a token that was verified before and is still good; None for any other."""
        known = self._verified.get(token)
        if known is not None and known.generation == self._keys.generation and self._clock() < known.end:
            return known.credential
        return None

    async def verify(self, token: str) -> Credential:
        """The credential of a token.

        Raises:
            UnauthenticatedError: TOKEN_…, with what is wrong.
            UnavailableError: TOKEN_KEYS_UNAVAILABLE, the issuer's keys have not been read yet.
        """
        known = self.remembered(token)
        if known is not None:
            return known
        self._verified.pop(token, None)
        generation = self._keys.generation
        verified = await self._verify(token, generation)
        self._verified[token] = verified
        if len(self._verified) > _MOST_CACHED:
            self._verified.popitem(last=False)
        return verified.credential

    async def _verify(self, token: str, generation: int) -> _Verified:
        if len(token) > _LONGEST_TOKEN:
            raise UnauthenticatedError("The token is too long.", reason="TOKEN_MALFORMED")
        try:
            header = jwt.get_unverified_header(token)
            algorithm = self._algorithm(header)
            key = await self._keys.find(header.get("kid"))
            if not isinstance(key, _KEY_KINDS[algorithm[:2]]):
                raise jwt.InvalidKeyError
            claims = self._claims(token, key, algorithm)
            name, end = claims.get(self._rules.name_claim), float(claims["exp"]) + self._rules.leeway
        except jwt.PyJWTError as error:
            raise _refusal(error) from None
        except (RecursionError, OverflowError):  # nested too deep for the JSON parser; a time without end
            raise _refusal(jwt.DecodeError()) from None
        if not is_name(name):
            raise UnauthenticatedError("The token's subject is no name.", reason="TOKEN_CLAIM_MISSING")

        def check() -> None:
            if self._clock() >= end:
                raise _refusal(jwt.ExpiredSignatureError())

        return _Verified(Credential(Identity(name, IdentityKind.JWT), check), end, generation)

    def _algorithm(self, header: dict[str, Any]) -> str:
        algorithm = header.get("alg")
        if algorithm not in self._rules.algorithms:
            raise jwt.InvalidAlgorithmError
        if "crit" in header:  # extensions that must be understood, and none is
            raise jwt.DecodeError
        return str(algorithm)

    def _claims(self, token: str, key: Any, algorithm: str) -> dict[str, Any]:
        rules = self._rules
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=rules.issuer,
            audience=rules.audience,
            leeway=rules.leeway,
            options={"require": ["exp", "iss", "aud", rules.name_claim]},
        )


def _refusal(error: jwt.PyJWTError) -> UnauthenticatedError:
    reason, text = next((reason, text) for kind, reason, text in _REASONS if isinstance(error, kind))
    return UnauthenticatedError(text, reason=reason)
