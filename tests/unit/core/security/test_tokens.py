"""Tokens: what is taken, what is refused and why, and what becomes of them when keys are rotated."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sensorium_core.errors import UnauthenticatedError, UnavailableError
from sensorium_core.reload import ConfigurationError
from sensorium_core.security import tokens
from sensorium_core.security.identity import Identity, IdentityKind
from sensorium_core.security.jwks import FileKeys, UrlKeys, parse
from sensorium_core.security.tokens import TokenRules, TokenVerifier
from sensorium_core.telemetry import Metrics
from unit.core.security.issuing import AUDIENCE, ISSUER, Issuer, payload, unsigned, with_header
from unit.core.support import sample, until

RULES = TokenRules(ISSUER, (AUDIENCE,))


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def file(tmp_path: Path, issuer: Issuer) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(issuer.jwks())
    return path


@pytest.fixture
def verifier(file: Path, metrics: Metrics) -> TokenVerifier:
    return TokenVerifier(FileKeys(file, 0.005, metrics), RULES)


async def reason_of(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        await verifier.verify(token)
    return caught.value.reason


@pytest.mark.parametrize("key_id", ["rsa-1", "ec-1"])
async def test_a_good_token_names_its_subject(verifier: TokenVerifier, issuer: Issuer, key_id: str) -> None:
    credential = await verifier.verify(issuer.token(key_id))
    assert credential.identity == Identity("robot-7", IdentityKind.JWT)
    assert str(credential.identity) == "jwt:robot-7"
    credential.check()


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": int(time.time()) - 60}, "TOKEN_EXPIRED"),
        ({"nbf": int(time.time()) + 600}, "TOKEN_NOT_YET_VALID"),
        ({"aud": "another"}, "TOKEN_AUDIENCE"),
        ({"aud": ["another", "third"]}, "TOKEN_AUDIENCE"),
        ({"iss": "https://evil.example"}, "TOKEN_ISSUER"),
        ({"iss": None}, "TOKEN_CLAIM_MISSING"),
        ({"aud": None}, "TOKEN_CLAIM_MISSING"),
        ({"exp": None}, "TOKEN_CLAIM_MISSING"),
        ({"sub": None}, "TOKEN_CLAIM_MISSING"),
        ({"sub": ""}, "TOKEN_CLAIM_MISSING"),
        ({"sub": "line\nbreak"}, "TOKEN_CLAIM_MISSING"),
        ({"sub": "x" * 257}, "TOKEN_CLAIM_MISSING"),
    ],
)
async def test_a_wrong_claim_is_named(
    verifier: TokenVerifier, issuer: Issuer, claims: dict[str, Any], reason: str
) -> None:
    assert await reason_of(verifier, issuer.token(**claims)) == reason


async def test_an_audience_among_several_is_enough(verifier: TokenVerifier, issuer: Issuer) -> None:
    assert (await verifier.verify(issuer.token(aud=["another", AUDIENCE]))).identity.name == "robot-7"


async def test_clocks_may_differ_by_the_leeway(file: Path, issuer: Issuer, metrics: Metrics) -> None:
    keys = FileKeys(file, 1, metrics)
    late = issuer.token(exp=int(time.time()) - 20)
    await TokenVerifier(keys, RULES).verify(late)
    strict = TokenVerifier(keys, TokenRules(ISSUER, (AUDIENCE,), leeway=0))
    assert await reason_of(strict, late) == "TOKEN_EXPIRED"


async def test_forged_tokens_are_refused(verifier: TokenVerifier, issuer: Issuer) -> None:
    assert await reason_of(verifier, unsigned()) == "TOKEN_ALGORITHM"
    assert await reason_of(verifier, issuer.hmac_with_public_key()) == "TOKEN_ALGORITHM"
    stranger = rsa.generate_private_key(65537, 2048)
    assert await reason_of(verifier, issuer.token("rsa-1", stranger)) == "TOKEN_SIGNATURE"
    assert await reason_of(verifier, issuer.token("rsa-9", stranger)) == "TOKEN_KEY_UNKNOWN"
    good = issuer.token()
    changed = issuer.token(sub="admin").split(".")[1].join([good.split(".")[0] + ".", "." + good.split(".")[2]])
    assert await reason_of(verifier, changed) == "TOKEN_SIGNATURE"


async def test_the_algorithm_must_be_that_of_the_key_and_allowed(
    verifier: TokenVerifier, file: Path, issuer: Issuer, metrics: Metrics
) -> None:
    as_ec = with_header(issuer.token("rsa-1"), alg="ES256", kid="rsa-1")
    assert await reason_of(verifier, as_ec) == "TOKEN_ALGORITHM"
    only_ec = TokenVerifier(FileKeys(file, 1, metrics), TokenRules(ISSUER, (AUDIENCE,), algorithms=("ES256",)))
    assert await reason_of(only_ec, issuer.token("rsa-1")) == "TOKEN_ALGORITHM"
    await only_ec.verify(issuer.token("ec-1"))


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "....", "x" * 8193, "[" * 3000 + ".a.b", "\u1234.b.c"])
async def test_what_is_no_token_is_malformed(verifier: TokenVerifier, text: str) -> None:
    assert await reason_of(verifier, text) == "TOKEN_MALFORMED"


async def test_a_signed_token_that_never_ends_is_malformed(verifier: TokenVerifier, issuer: Issuer) -> None:
    for end in (float("inf"), 10**400):
        assert await reason_of(verifier, issuer.token(exp=end)) == "TOKEN_MALFORMED"


async def test_an_extension_that_must_be_understood_is_not(verifier: TokenVerifier, issuer: Issuer) -> None:
    token = with_header(issuer.token(), alg="RS256", kid="rsa-1", crit=["exp"])
    assert await reason_of(verifier, token) == "TOKEN_MALFORMED"


async def test_without_an_id_the_key_must_be_the_only_one(
    verifier: TokenVerifier, tmp_path: Path, issuer: Issuer, metrics: Metrics
) -> None:
    token = jwt.encode(payload(), issuer.keys["ec-1"], "ES256")
    assert await reason_of(verifier, token) == "TOKEN_KEY_UNKNOWN"
    entries = [entry for entry in json.loads(issuer.jwks())["keys"] if entry["kid"] == "ec-1"]
    (tmp_path / "one.json").write_text(json.dumps({"keys": entries}))
    await TokenVerifier(FileKeys(tmp_path / "one.json", 1, metrics), RULES).verify(token)


async def test_a_remembered_token_ends_when_it_expires(file: Path, issuer: Issuer, metrics: Metrics) -> None:
    now = time.time()
    clock = [now]
    verifier = TokenVerifier(FileKeys(file, 1, metrics), RULES, lambda: clock[0])
    token = issuer.token(exp=int(now) + 100)
    credential = await verifier.verify(token)
    assert await verifier.verify(token) is credential
    clock[0] = int(now) + 100 + RULES.leeway
    with pytest.raises(UnauthenticatedError) as caught:
        credential.check()
    assert caught.value.reason == "TOKEN_EXPIRED"


async def test_few_tokens_are_remembered(
    verifier: TokenVerifier, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_MOST_CACHED", 2)
    made = [issuer.token(sub=name) for name in ("a", "b", "c")]
    first = [await verifier.verify(token) for token in made]
    assert await verifier.verify(made[2]) is first[2]
    assert await verifier.verify(made[0]) is not first[0]


async def test_a_withdrawn_key_ends_its_tokens_also_those_remembered(
    file: Path, issuer: Issuer, metrics: Metrics
) -> None:
    keys = FileKeys(file, 0.005, metrics)
    verifier = TokenVerifier(keys, RULES)
    async with keys.running():
        old = issuer.token("ec-1")
        await verifier.verify(old)
        rotated = Issuer()
        rotated.keys = {"ec-2": ec.generate_private_key(ec.SECP256R1())}
        file.write_text(rotated.jwks())  # noqa: ASYNC240 - a test may block
        await until(lambda: keys.generation == 2)
        assert await reason_of(verifier, old) == "TOKEN_KEY_UNKNOWN"
        await verifier.verify(rotated.token("ec-2"))


class TestDocuments:
    def test_symmetric_private_weak_and_other_keys_are_left_out(self, issuer: Issuer) -> None:
        document = json.loads(issuer.jwks())
        weak = Issuer()
        weak.keys = {"weak": rsa.generate_private_key(65537, 1024)}
        document["keys"] += json.loads(weak.jwks())["keys"]
        document["keys"] += [
            {"kty": "oct", "kid": "hmac", "k": "c2VjcmV0"},
            {**document["keys"][0], "kid": "private", "d": "AQAB"},
            {**document["keys"][0], "kid": "encryption", "use": "enc"},
            {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "AA"},
            "no key",
        ]
        assert sorted(parse(json.dumps(document).encode())) == ["ec-1", "rsa-1"]

    @pytest.mark.parametrize(
        "text", [b"", b"[]", b"{}", b'{"keys": 1}', b"[" * 100_000, b"\xff", b'{"keys": [' + b"{}," * 64 + b"{}]}"]
    )
    def test_what_is_no_document_is_refused(self, text: bytes) -> None:
        with pytest.raises(ConfigurationError, match="no JWKS document"):
            parse(text)

    def test_a_document_without_a_usable_key_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="no key in it can verify"):
            parse(b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}')

    def test_the_file_is_named(self, tmp_path: Path, metrics: Metrics) -> None:
        with pytest.raises(ConfigurationError, match=r"none\.json: No such file"):
            FileKeys(tmp_path / "none.json", 1, metrics)


class Server:
    """Serves a document at a URL, and counts how often it was asked."""

    def __init__(self) -> None:
        self.document = b""
        self.status = 200
        self.asked = 0
        self.location = ""
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                self.send_response(server.status)
                if server.location:
                    self.send_header("Location", server.location)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(server.document)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/jwks"


@pytest.fixture
def server(issuer: Issuer) -> Iterator[Server]:
    server = Server()
    server.document = issuer.jwks().encode()
    thread = threading.Thread(target=lambda: server.http.serve_forever(0.01))
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


class TestUrl:
    async def test_keys_are_fetched_when_they_are_wanted_and_not_again(
        self, server: Server, issuer: Issuer, metrics: Metrics
    ) -> None:
        verifier = TokenVerifier(UrlKeys(server.url, None, 300, metrics), RULES)
        made = [issuer.token(sub=str(number)) for number in range(20)]
        await asyncio.gather(*(verifier.verify(token) for token in made))
        assert server.asked == 1

    async def test_a_new_key_is_fetched_when_a_token_names_it_and_floods_of_unknown_ones_are_not_answered_by_fetches(
        self, server: Server, issuer: Issuer, metrics: Metrics
    ) -> None:
        clock = [1000.0]
        verifier = TokenVerifier(UrlKeys(server.url, None, 300, metrics, lambda: clock[0]), RULES)
        await verifier.verify(issuer.token())
        rotated = Issuer()
        rotated.keys = {"ec-2": ec.generate_private_key(ec.SECP256R1())}
        server.document = rotated.jwks().encode()
        token = rotated.token("ec-2")
        assert [await reason_of(verifier, token) for _ in range(5)] == ["TOKEN_KEY_UNKNOWN"] * 5
        assert server.asked == 1
        clock[0] += 10
        await verifier.verify(token)
        assert await reason_of(verifier, issuer.token()) == "TOKEN_KEY_UNKNOWN"
        assert server.asked == 2

    async def test_what_was_fetched_stays_while_the_url_does_not_answer(
        self, server: Server, issuer: Issuer, metrics: Metrics
    ) -> None:
        keys = UrlKeys(server.url, None, 0.005, metrics)
        async with keys.running():
            await until(lambda: keys.generation == 1)
            server.status = 500
            await until(lambda: sample(metrics, "sensorium_reload_failing", what="jwks") == 1)
            await TokenVerifier(keys, RULES).verify(issuer.token())
            server.status = 200
            await until(lambda: sample(metrics, "sensorium_reload_failing", what="jwks") == 0)
        assert keys.generation == 1

    async def test_before_the_first_fetch_nobody_is_called_unknown(
        self, server: Server, issuer: Issuer, metrics: Metrics
    ) -> None:
        server.status = 503
        verifier = TokenVerifier(UrlKeys(server.url, None, 300, metrics), RULES)
        with pytest.raises(UnavailableError) as caught:
            await verifier.verify(issuer.token())
        assert (caught.value.reason, caught.value.retry_delay) == ("TOKEN_KEYS_UNAVAILABLE", 1.0)

    async def test_a_document_without_end_and_a_redirect_are_not_followed(
        self, server: Server, issuer: Issuer, metrics: Metrics
    ) -> None:
        verifier = TokenVerifier(UrlKeys(server.url, None, 300, metrics, iter(range(0, 10**6, 100)).__next__), RULES)
        good, server.document = server.document, b" " * (256 * 1024 + 1)
        with pytest.raises(UnavailableError):
            await verifier.verify(issuer.token())
        server.document, server.status, server.location = good, 302, server.url
        with pytest.raises(UnavailableError):
            await verifier.verify(issuer.token())
        assert server.asked == 2

    @pytest.mark.parametrize("url", ["http://login.plant.example/jwks", "ftp://127.0.0.1/jwks", "file:///etc/jwks"])
    def test_only_https_is_fetched_from_elsewhere(self, url: str, metrics: Metrics) -> None:
        with pytest.raises(ConfigurationError, match="by https only"):
            UrlKeys(url, None, 300, metrics)
