"""What decides who may do what: policies, keys, tokens, certificates, and the files of a service."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from fuzz.target import Target, damaged
from sensorium_core.audit import Head, seal, verify
from sensorium_core.audit.files import AuditFiles
from sensorium_core.errors import SensoriumError, UnauthenticatedError
from sensorium_core.reload import ConfigurationError
from sensorium_core.security import certificates
from sensorium_core.security import jwks as key_sets
from sensorium_core.security import keys as key_files
from sensorium_core.security import policy as policies
from sensorium_core.security.authenticator import Authenticator
from sensorium_core.security.development import DevelopmentCA, Leaf
from sensorium_core.security.identity import Identity, IdentityKind
from sensorium_core.security.keys import KeyFile, KeyVerifier
from sensorium_core.security.tokens import TokenRules, TokenVerifier
from sensorium_core.telemetry import Metrics
from sensorium_speech.phrase_sets._database import Database
from sensorium_text.entities import read_entities
from sensorium_text.redaction._keys import read_keys
from unit.core.security.issuing import AUDIENCE, ISSUER, Issuer, payload, unsigned

_scratch = TemporaryDirectory(prefix="sensorium-fuzz-")
_folder = Path(_scratch.name)
_loop = asyncio.new_event_loop()


def _written(name: str, data: bytes, mode: int = 0o600) -> Path:
    path = _folder / name
    path.write_bytes(data)
    path.chmod(mode)
    return path


# Policies.


def _take_policy(data: bytes) -> None:
    try:
        policy = policies.read(_written("policy.toml", data))
    except ConfigurationError as error:
        assert str(error)
        return
    grant = policy.grant(Identity("cell-7", IdentityKind.MTLS), "sensorium.vision.v1.VisionService/Classify")
    assert grant.allowed or not grant.allows_model("m")


def _policy_seeds() -> Sequence[bytes]:
    return [
        b'[[allow]]\nidentities = ["mtls:*"]\nmethods = ["*/Classify"]\nmodels = ["*"]\n'
        b'[[quota]]\nidentities = ["key:?"]\nrequests_per_second = 50\nburst = 3\nbytes_per_minute = 1_000\n',
        b'allow = [{identities=["a"],methods=["*"],models=[]}]',
        b"[[quota]]\nweight = 1e308\nrequests_per_second = inf\n",
        b'[[quota]]\nweight = nan\nidentities = ["' + b"*" * 500 + b'"]\n',
        b"a = " + b"[" * 3000 + b"]" * 3000,
    ]


# Keys of an issuer, and its tokens.

_issuer = Issuer()


def _take_jwks(data: bytes) -> None:
    try:
        keys = key_sets.parse(data)
    except ConfigurationError:
        return
    assert keys
    others: list[object] = [None, 3, []]
    for key_id in (*keys, *others):
        key_sets.pick(keys, key_id)


def _jwks_seeds() -> Sequence[bytes]:
    good = _issuer.jwks()
    ed = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"e"}]}'
    odd: list[Any] = [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "oct", "k": "AAAA"}, 7, None, {"kty": "EC"}]
    return [good.encode(), ed.encode(), json.dumps({"keys": odd}).encode(), b'{"keys":' + b"[" * 3000]


class _Keys:
    generation = 1

    def __init__(self) -> None:
        self._keys = key_sets.parse(_issuer.jwks().encode())

    async def find(self, key_id: object) -> Any:
        key = key_sets.pick(self._keys, key_id)
        if key is None:
            raise UnauthenticatedError("The token is signed by a key that is not known.", reason="TOKEN_KEY_UNKNOWN")
        return key

    def running(self) -> Any:
        raise NotImplementedError


def _verifier() -> TokenVerifier:
    return TokenVerifier(_Keys(), TokenRules(ISSUER, (AUDIENCE,)))


def _take_token(data: bytes) -> None:
    """Either the bytes are a token, or they are claims that the issuer has signed."""
    if data[:1] == b"{":
        token = jwt.api_jws.encode(data, _issuer.keys["ec-1"], "ES256", headers={"kid": "ec-1"})
    else:
        token = data.decode(errors="replace")
    try:
        credential = _loop.run_until_complete(_verifier().verify(token))
        credential.check()
    except UnauthenticatedError as error:
        assert error.reason.startswith("TOKEN_")
        return
    assert data[:1] == b"{" or token.split(".")[1] in _SIGNED


_GOOD = _issuer.token(exp=2**33)
_GOOD_TOO = _issuer.token("ec-1", exp=2**33, x="y" * 50)
# The claims of the only tokens that the fuzzer is given; a signature may be written in several ways.
_SIGNED = {token.split(".")[1] for token in (_GOOD, _GOOD_TOO)}


def _token_seeds() -> Sequence[bytes]:
    claims = payload(exp=2**33)
    signed = [
        claims,
        claims | {"aud": [AUDIENCE, "b"], "nbf": 1, "iat": 1, "jti": "x"},
        claims | {"exp": 1e300},
        claims | {"exp": "9"},
        claims | {"sub": ["a"]},
        claims | {"iss": [ISSUER]},
    ]
    raw = [_GOOD, unsigned(), _issuer.hmac_with_public_key(), "a.b.c", _GOOD_TOO]
    return [*(json.dumps(each).encode() for each in signed), *(each.encode() for each in raw)]


def _mutate_token(data: bytes, chance: random.Random) -> bytes:
    """Changes the content of one part of a token, in place of its letters."""
    if data[:1] == b"{":
        return b"{" + damaged(data[1:], chance)
    parts = data.split(b".")
    at = chance.randrange(len(parts))
    try:
        content = jwt.utils.base64url_decode(parts[at])
    except ValueError:
        return damaged(data, chance)
    parts[at] = jwt.utils.base64url_encode(damaged(content, chance))
    return b".".join(parts)


# Metadata of a call, as names and values on lines.


def _take_credentials(data: bytes) -> None:
    metadata = []
    for line in data.split(b"\n"):
        name, _, value = line.partition(b":")
        metadata.append((name.decode("latin-1").lower(), value.decode("latin-1")))
    try:
        credential = _loop.run_until_complete(_authenticator().of_call(metadata, dict))
    except UnauthenticatedError as error:
        assert error.reason.startswith(("CREDENTIALS_", "TOKEN_", "API_KEY_"))
        return
    assert credential.identity.name in {"robot-7", "gateway"}


_found: list[Authenticator] = []


def _authenticator() -> Authenticator:
    if not _found:
        path = _folder / "known-keys.sqlite"
        KeyFile(path).create("gateway")
        _found.append(Authenticator(_verifier(), KeyVerifier(path, Metrics()), certificates=True))
    return _found[0]


def _credential_seeds() -> Sequence[bytes]:
    return [
        b"authorization:Bearer " + _GOOD.encode(),
        b"x-api-key:sns_0123456789ab_secret",
        b"authorization:bearer sns_a_b\nx-api-key:c",
        b"authorization:Basic dXNlcjpwYXNz",
        b"x-other:1\nauthorization:",
    ]


# Certificates: of a connection, whose CA has signed them, and files.


def _take_certificate(data: bytes) -> None:
    try:
        found = certificates.of_der(data)
    except UnauthenticatedError as error:
        assert error.reason == "CERTIFICATE_IDENTITY"
        return
    assert found.identity.name.isprintable()


def _certificate_seeds() -> Sequence[bytes]:
    ca = DevelopmentCA(_folder / "ca")
    issued = [ca.issue(Leaf("vision", ("plant.example", "10.0.0.1"))).certificate, ca.certificate_file]
    return [x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER) for path in issued]


# Files in SQLite.


def _take_api_keys(data: bytes) -> None:
    path = _written("keys.sqlite", data)
    try:
        records = key_files.read(path)
        verifier = KeyVerifier(path, Metrics())
    except ConfigurationError as error:
        assert str(error)
        return
    for key_id in [*records][:5]:
        try:
            verifier.verify(f"sns_{key_id}_guess")
        except UnauthenticatedError:
            continue
        raise AssertionError("a guess is no key")


def _sqlite(name: str, fill: Callable[[Path], None]) -> bytes:
    path = _folder / name
    path.unlink(missing_ok=True)
    fill(path)
    return path.read_bytes()


def _api_key_seeds() -> Sequence[bytes]:
    def some(path: Path) -> None:
        for name in ("gateway", "cell-7"):
            KeyFile(path).create(name, 60.0)

    def other_columns(path: Path) -> None:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE api_keys (id, name, salt, hash, created, expires, revoked)")
            rows: list[tuple[Any, ...]] = [
                (1, None, "salt", 7, "x", "y", b"z"),
                ("a", "b", b"x" * 40, b"", 0, None, None),
            ]
            database.executemany("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    return [_sqlite("some.sqlite", some), _sqlite("odd.sqlite", other_columns), b""]


def _take_phrase_set_file(data: bytes) -> None:
    for suffix in ("-wal", "-shm", "-journal"):
        (_folder / f"sets.sqlite{suffix}").unlink(missing_ok=True)
    database = Database(_written("sets.sqlite", data))
    try:
        database.read(lambda rows: [rows.count(), rows.get("valves"), rows.after("", 10)])
    except SensoriumError as error:
        assert error.reason == "PHRASE_SETS_UNAVAILABLE"
    finally:
        database.close()


def _phrase_set_seeds() -> Sequence[bytes]:
    def some(path: Path) -> None:
        from sensorium_speech.phrase_sets import Row  # noqa: PLC0415

        database = Database(path)
        database.write(lambda rows: rows.put(Row("valves", b"\n\0", "e", 1, 2)))
        database.close()

    return [_sqlite("sets-made.sqlite", some), b""]


# Files of the text service.


def _take_entities(data: bytes) -> None:
    for suffix in ("toml", "json"):
        try:
            read_entities(_written(f"entities.{suffix}", data))
        except ConfigurationError as error:
            assert str(error)


def _entity_seeds() -> Sequence[bytes]:
    return [
        b"[[patterns]]\nname = \"order\"\npattern = 'WO-[0-9]{6}'\n"
        b'[[gazetteers]]\nname = "m"\nentries = ["Press 4", { name = "Oven 2", synonyms = ["oven"] }]\n',
        b'{"patterns":[{"name":"o","pattern":"("}],"gazetteers":[{"name":"m","file":"entities.toml"}]}',
        b'{"patterns":' + b"[" * 3000,
    ]


def _take_keys(data: bytes) -> None:
    try:
        found = read_keys(_written("keys.toml", data))
    except ConfigurationError as error:
        assert not any(len(word) > 40 and word in data.decode(errors="replace") for word in str(error).split())
        return
    assert all(len(key.secret) in {32, 48, 64} for key in found.values())


def _key_seeds() -> Sequence[bytes]:
    secret = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
    return [b'[notes]\nsecret = "' + secret + b'"\nrestore = true\n', b'["a b"]\nsecret = "x"\n', b"a = " + b"[" * 3000]


# Audit logs: the verification, and a service that starts again behind one.


def _take_audit(data: bytes) -> None:
    folder = _folder / "audit"
    folder.mkdir(exist_ok=True)
    log, _, head = data.partition(b"\0")
    log_file, head_file = folder / "vision-000000000001.jsonl", folder / "vision.head"
    log_file.write_bytes(log)
    head_file.write_bytes(head)
    report = verify([log_file])
    assert data == _AUDIT or report.findings or report.records <= _AUDIT.count(b"\n")
    with closing(AuditFiles(folder, "vision", 4096)) as files:
        before = files.head
        line, after = seal({"event": "opened"}, before, None)
        files.append(line + b"\n", after)
        files.sync()
    if not report.findings and not files.lost:  # a whole log goes on whole
        assert verify(sorted(folder.glob("*.jsonl"))).findings == []
    for path in folder.iterdir():
        path.unlink()


def _audit_log() -> bytes:
    head, lines = Head(), []
    for number in range(4):
        line, head = seal({"event": "call", "identity": "key:a", "number": number}, head, None)
        lines.append(line + b"\n")
    return b"".join(lines) + b"\0" + json.dumps({"seq": head.sequence, "hash": head.hash}).encode()


_AUDIT = _audit_log()


def _audit_seeds() -> Sequence[bytes]:
    log = _AUDIT.partition(b"\0")[0]
    return [
        _AUDIT,
        log + b'\0{"seq": Infinity, "hash": "x"}',
        log + b"\0" + b"[" * 3000,
        log[:-30] + b"\0",
        b"\0",
        b'{"seq":true,"prev":"x"' + b',"hash":"' + b"0" * 64 + b'"}\n\0',
    ]


os.umask(0o077)
policy = Target(_take_policy, _policy_seeds)
jwks = Target(_take_jwks, _jwks_seeds)
token = Target(_take_token, _token_seeds, longest=16384, mutate=_mutate_token)
credentials = Target(_take_credentials, _credential_seeds, longest=16384)
certificate = Target(_take_certificate, _certificate_seeds, longest=8192)
api_keys = Target(_take_api_keys, _api_key_seeds)
phrase_set_file = Target(_take_phrase_set_file, _phrase_set_seeds)
entities_file = Target(_take_entities, _entity_seeds)
keys_file = Target(_take_keys, _key_seeds)
audit = Target(_take_audit, _audit_seeds, longest=16384)
