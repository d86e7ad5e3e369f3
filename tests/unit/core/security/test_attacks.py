"""A second process that tries to get in by every door, and callers with papers that may do what their policy says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sensorium_core.call import current_call
from sensorium_core.interceptors import Chain
from sensorium_core.security.development import DevelopmentCA, Issued
from sensorium_core.security.keys import KeyFile
from sensorium_core.streaming import ItemRunner
from sensorium_core.triton import ModelCatalog
from unit.core.security.conftest import StartSecured
from unit.core.security.issuing import AUDIENCE, ISSUER, Issuer, unsigned
from unit.core.security.secured import Secured, credentials, https
from unit.core.support import KINDS, SERVICE, Caller, Context, Echo, failure_of, request_id_of, sample, until
from unit.core.triton.scripted import SPEC

UNAUTHENTICATED, DENIED = grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED
ECHO = f"/{SERVICE}/Unary"
HEALTH = "/grpc.health.v1.Health/Check"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
POLICY = f"""
[[allow]]
identities = ["jwt:robot-7", "key:gateway", "mtls:spiffe://sensorium.local/cell-7"]
methods = ["{SERVICE}/*"]
models = ["doubler"]

[[allow]]
identities = ["jwt:prometheus"]
methods = ["metrics"]
models = []
"""


@dataclass
class Doors:
    """What a server with every kind of identity is started with."""

    issuer: Issuer
    keys: KeyFile
    settings: dict[str, Any]


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def doors(tmp_path: Path, policy: Path, issuer: Issuer) -> Doors:
    policy.write_text(POLICY)
    jwks, api_keys = tmp_path / "jwks.json", tmp_path / "keys.sqlite"
    jwks.write_text(issuer.jwks())
    keys = KeyFile(api_keys)
    keys.create("other")
    settings = {
        "policy": policy,
        "jwt_jwks": str(jwks),
        "jwt_issuer": ISSUER,
        "jwt_audience": AUDIENCE,
        "api_keys": api_keys,
        "reload_interval": 0.01,
    }
    return Doors(issuer, keys, settings)


def bearer(token: str) -> tuple[tuple[str, str]]:
    return (("authorization", f"Bearer {token}"),)


def key(text: str) -> tuple[tuple[str, str]]:
    return (("x-api-key", text),)


async def test_no_listener_answers_without_identity(start: StartSecured, doors: Doors) -> None:
    attempts: list[dict[str, Any]] = [
        {"method": ECHO},
        {"method": f"/{SERVICE}/Sing"},
        {"method": "/a/b", "stream": True},
        {"method": REFLECTION, "stream": True},
        {"method": "/grpc.health.v1.Health/Watch"},
        {"scrape": True},
        {"method": HEALTH},
    ]
    expected = ["UNAUTHENTICATED CREDENTIALS_MISSING"] * 5 + ["401", "NOT_FOUND SERVICE_UNKNOWN"]
    async with start(**doors.settings) as server:
        assert await server.attack(attempts) == expected
    async with start(**doors.settings, health_open=False, metrics_open=True) as server:
        assert await server.attack(attempts) == [*expected[:5], "OK", expected[0]]


async def test_calls_of_nobody_whose_request_never_comes_take_no_place(
    start: StartSecured, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Chain, "patience", 0.2)
    never = asyncio.Event()

    async def nothing() -> AsyncIterator[bytes]:
        await never.wait()
        yield b""

    async with start(**doors.settings, max_in_flight=1) as server, server.call() as caller, server.call() as attacker:
        method: Any = attacker.channel.stream_unary(ECHO)
        held = [method(nothing()) for _ in range(8)]  # more than the transport takes
        assert await caller.call("Unary", metadata=bearer(doors.issuer.token())) == "abc"
        refused = [await failure_of(call) for call in held]
        assert {failure.reason for failure in refused} == {"CREDENTIALS_MISSING"}
        assert sample(server.metrics, "grpc_server_handled_total", **_labels("UNAUTHENTICATED")) == 8
        health: Any = attacker.channel.stream_unary(HEALTH)  # the one method that asks nobody
        ends = [(await failure_of(call)).code for call in [health(nothing()) for _ in range(8)]]
        assert grpc.StatusCode.DEADLINE_EXCEEDED in ends
        assert await caller.call("Unary", metadata=bearer(doors.issuer.token())) == "abc"
        never.set()


def _labels(code: str) -> dict[str, str]:
    return {"grpc_type": "unary", "grpc_service": SERVICE, "grpc_method": "Unary", "grpc_code": code}


async def test_forged_and_stale_proofs_are_refused_with_their_reason(start: StartSecured, doors: Doors) -> None:
    issuer, stranger = doors.issuer, Issuer()
    proofs = {
        "TOKEN_EXPIRED": bearer(issuer.token(exp=1)),
        "TOKEN_SIGNATURE": bearer(issuer.token("rsa-1", stranger.keys["rsa-1"])),
        "TOKEN_AUDIENCE": bearer(issuer.token(aud="another")),
        "TOKEN_ISSUER": bearer(issuer.token(iss="https://evil.example")),
        "TOKEN_KEY_UNKNOWN": bearer(issuer.token("rsa-9", stranger.keys["rsa-1"])),
        "TOKEN_MALFORMED": bearer("x.y.z"),
        "API_KEY_UNKNOWN": key("sns_000000000000_guess"),
        "CREDENTIALS_MALFORMED": (("authorization", "Basic dXNlcjpwYXNz"),),
        "CREDENTIALS_AMBIGUOUS": (*bearer(issuer.token()), *key("sns_a_b")),
    }
    forged = [bearer(unsigned()), bearer(issuer.hmac_with_public_key())]
    attempts: list[dict[str, Any]] = [{"metadata": proof} for proof in (*proofs.values(), *forged)]
    attempts += [{"scrape": True, "metadata": proof} for proof in (proofs["TOKEN_EXPIRED"], bearer(issuer.token()))]
    async with start(**doors.settings) as server:
        answers = await server.attack(attempts)
    assert answers[:-2] == [f"UNAUTHENTICATED {reason}" for reason in (*proofs, "TOKEN_ALGORITHM", "TOKEN_ALGORITHM")]
    assert answers[-2:] == ["401", "403"]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_call_asks_who_calls(start: StartSecured, doors: Doors, kind: str) -> None:
    good = bearer(doors.issuer.token())
    async with start(**doors.settings) as server, server.call() as caller:
        assert await caller.call(kind, metadata=good) == "abc"
        failure = await failure_of(caller.start(kind))
        assert (failure.code, failure.reason) == (UNAUTHENTICATED, "CREDENTIALS_MISSING")


async def test_all_proofs_open_the_door_and_the_log_says_whose(
    start: StartSecured, doors: Doors, tls: dict[str, Any], ca: DevelopmentCA, client_files: Issued
) -> None:
    made = doors.keys.create("gateway")
    async with start(**{**tls, **doors.settings}) as server, server.call(credentials(ca, client_files)) as caller:
        identities = [
            await identity_of(caller, *proof)
            for proof in (
                (),
                bearer(doors.issuer.token()),
                key(made),
                bearer(made),
                (("Authorization".lower(), f"BEARER {made}"),),
            )
        ]
        assert identities == ["mtls:spiffe://sensorium.local/cell-7", "jwt:robot-7", *["key:gateway"] * 3]
        stale = await failure_of(caller.start("Unary", metadata=bearer(doors.issuer.token(exp=1))))
        assert stale.reason == "TOKEN_EXPIRED"  # the good certificate does not help
        context = https(ca, client_files)
        assert (await server.scrape(context))[0] == 403
        scraper = f"Bearer {doors.issuer.token(sub='prometheus')}"
        assert (await server.scrape(context, Authorization=scraper))[0] == 200


async def identity_of(caller: Caller, *proof: tuple[str, str]) -> str:
    call = caller.start("Unary", "who?", metadata=proof)
    await call
    return str(await request_id_of(call))


@pytest.fixture(autouse=True)
def tell_who(echo: Echo) -> None:
    """A call `who?` is answered with its identity in the place of its id."""

    async def answer(request: StringValue, context: Context) -> StringValue:
        call = current_call()
        if request.value == "who?" and call.access is not None:
            context.set_trailing_metadata((("x-request-id", str(call.access.identity)),))
        return request

    echo.Unary = answer  # type: ignore[method-assign]


async def test_a_method_outside_the_policy_is_denied_with_its_reason(start: StartSecured, doors: Doors) -> None:
    async with start(**doors.settings) as server, server.call() as caller:
        failure = await failure_of(caller.start("Unary", metadata=bearer(doors.issuer.token(sub="stranger"))))
        assert (failure.code, failure.reason) == (DENIED, "METHOD_NOT_ALLOWED")
        assert failure.message == f"jwt:stranger may not call {SERVICE}/Unary."
        assert failure.metadata == {"identity": "jwt:stranger", "method": f"{SERVICE}/Unary"}
        good = {"metadata": bearer(doors.issuer.token())}
        attempts: list[dict[str, Any]] = [
            good,
            {"method": REFLECTION, "stream": True, **good},
            {"method": "/a/b", **good},
            {"method": f"/{SERVICE}/Sing", **good},
            {"scrape": True, **good},
        ]
        denied = "PERMISSION_DENIED METHOD_NOT_ALLOWED"
        assert await server.attack(attempts) == ["OK", denied, denied, "UNIMPLEMENTED METHOD_UNKNOWN", "403"]


async def test_the_policy_changes_under_a_running_server_and_a_broken_one_changes_nothing(
    start: StartSecured, doors: Doors, policy: Path
) -> None:
    stranger = bearer(doors.issuer.token(sub="stranger"))
    async with start(**doors.settings) as server, server.call() as caller:
        policy.write_text(POLICY.replace("robot-7", "stranger"))  # noqa: ASYNC240 - a test may block
        await until(lambda: sample(server.metrics, "sensorium_reloads_total", what="policy") == 1)
        assert await caller.call("Unary", metadata=stranger) == "abc"
        policy.write_text("[[allow]]\nidentities = ['*']")  # noqa: ASYNC240
        await until(lambda: sample(server.metrics, "sensorium_reload_failing", what="policy") == 1)
        assert await caller.call("Unary", metadata=stranger) == "abc"
        assert (await failure_of(caller.start("Unary", metadata=bearer(doors.issuer.token())))).code is DENIED


async def test_an_open_stream_ends_when_its_caller_may_no_longer(
    start: StartSecured, doors: Doors, policy: Path
) -> None:
    made = doors.keys.create("gateway")
    async with start(**doors.settings) as server, server.call() as caller:
        ends: list[tuple[Any, Callable[[], object], str]] = [
            (key(made), lambda: doors.keys.revoke(made.split("_")[1]), "API_KEY_REVOKED"),
            (bearer(doors.issuer.token()), lambda: policy.write_text(""), "METHOD_NOT_ALLOWED"),
        ]
        for proof, end, reason in ends:
            call: Any = caller.bidi_stream(metadata=proof)
            await call.write(StringValue(value="a"))
            assert (await call.read()).value == "a"
            end()
            assert (await failure_of(_write_until_it_fails(call))).reason == reason


async def _write_until_it_fails(call: Any) -> str:
    while True:
        await call.write(StringValue(value="b"))
        if await call.read() is grpc.aio.EOF:
            await call


class TestModels:
    """A model is checked where it is picked, also the default, also in streams."""

    @pytest.fixture
    def models(self, echo: Echo) -> list[ModelCatalog]:
        """Lets the echo use the model that a request names; the catalog is put in by the test."""
        catalogs: list[ModelCatalog] = []
        runner: list[ItemRunner] = []

        async def use(request: StringValue, context: Context) -> StringValue:
            await _infer(catalogs[0], request.value)
            return request

        async def use_each(requests: Any, context: Context) -> Any:
            runner.append(ItemRunner(self.server.admission, 10))
            async for request in requests:
                outcome = await runner[0].run("item", partial(_infer, catalogs[0], request.value))
                yield StringValue(value=str(outcome.status.code))

        echo.Unary = use  # type: ignore[method-assign]
        echo.BidiStream = use_each  # type: ignore[method-assign]
        return catalogs

    server: Secured

    @pytest.mark.parametrize("name", ["", "doubler"])
    async def test_a_model_outside_the_policy_is_denied(
        self, start: StartSecured, doors: Doors, models: list[ModelCatalog], policy: Path, name: str
    ) -> None:
        policy.write_text(POLICY.replace('["doubler"]', '["tripler"]'))  # noqa: ASYNC240
        good = bearer(doors.issuer.token())
        async with start(**doors.settings) as server, server.call() as caller:
            models.append(server.catalog)
            self.server = server
            failure = await failure_of(caller.start("Unary", name, metadata=good))
            assert (failure.code, failure.reason) == (DENIED, "MODEL_NOT_ALLOWED")
            assert failure.metadata["model"] == "doubler"
            stream = caller.bidi_stream(iter([StringValue(value=name)]), metadata=good)
            assert [reply.value async for reply in stream] == [str(DENIED.value[0])]
            assert server.triton.requests == []

    async def test_a_model_in_the_policy_answers(
        self, start: StartSecured, doors: Doors, models: list[ModelCatalog]
    ) -> None:
        good = bearer(doors.issuer.token())
        async with start(**doors.settings) as server, server.call() as caller:
            models.append(server.catalog)
            self.server = server
            assert await caller.call("Unary", "", metadata=good) == ""
            stream = caller.bidi_stream(iter([StringValue(value="doubler")]), metadata=good)
            assert [reply.value async for reply in stream] == ["0"]


async def _infer(catalog: ModelCatalog, name: str) -> None:
    model = catalog.get(name, default=SPEC.name, among=[SPEC.name], field="model")
    await model.infer({"x": np.array([[1, 2, 3]], np.int16)})


async def test_the_reading_of_metrics_waits_for_nobody(start: StartSecured, doors: Doors) -> None:
    token = f"Bearer {doors.issuer.token(sub='prometheus')}"
    async with start(**doors.settings) as server:
        answers = await asyncio.gather(*(server.scrape(Authorization=token) for _ in range(4)))
        assert {status for status, _ in answers} == {200}
        assert "sensorium_reload_failing" in answers[0][1]
