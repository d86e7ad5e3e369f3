"""What the interceptors cost per unary call: everything on against nothing, turn and turn about.

    python tests/bench/interceptors.py [ROUNDS]

Both servers and the caller run in this process, so what is printed counts the caller's part too: the request id that it
gets. Process time does not count what others do on the machine meanwhile. The spread is the middle half of all rounds.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import uvloop
from google.protobuf.wrappers_pb2 import StringValue

from sensorium_core.admission import Admission
from sensorium_core.audit import AuditLog, AuditSettings
from sensorium_core.interceptors import (
    AuditInterceptor,
    AuditOpeningInterceptor,
    Chain,
    DeadlineInterceptor,
    DrainGate,
    ErrorsInterceptor,
    IdentityInterceptor,
    Interceptor,
    LimitsInterceptor,
    TelemetryInterceptor,
    ValidationInterceptor,
)
from sensorium_core.security.authenticator import Authenticator
from sensorium_core.security.jwks import FileKeys
from sensorium_core.security.policy import parse
from sensorium_core.security.tokens import TokenRules, TokenVerifier
from sensorium_core.telemetry import Metrics, configure_logging
from unit.core.security.issuing import AUDIENCE, ISSUER, Issuer

METHOD = "/sensorium.bench.v1.Echo/Unary"
CALLS = 50
BUDGET = 150.0
POLICY = b"""
[[allow]]
identities = ["jwt:robot-*"]
methods = ["sensorium.bench.v1.*"]
models = ["*"]

[[quota]]
identities = ["*"]
requests_per_second = 1000000
concurrent_calls = 1000
bytes_per_minute = 1000000000
"""


@dataclass
class Side:
    """A server, a stub on it, and what its calls took, in µs."""

    call: Any
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    async def round(self, metadata: tuple[tuple[str, str], ...]) -> None:
        message = StringValue(value="x" * 1000)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(CALLS):
            await self.call(message, timeout=30, metadata=metadata)
        self.cpu.append((time.process_time() - cpu) / CALLS * 1e6)
        self.wall.append((time.perf_counter() - wall) / CALLS * 1e6)


async def echo(request: StringValue, context: Any) -> StringValue:
    """The method itself."""
    return request


@asynccontextmanager
async def serving(interceptors: list[grpc.aio.ServerInterceptor]) -> AsyncIterator[Side]:
    """A server and a stub on it."""
    server = grpc.aio.server(interceptors=interceptors)
    handler = grpc.unary_unary_rpc_method_handler(echo, StringValue.FromString, StringValue.SerializeToString)
    handlers = grpc.method_handlers_generic_handler("sensorium.bench.v1.Echo", {"Unary": handler})
    server.add_generic_rpc_handlers((handlers,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    options = (("grpc.use_local_subchannel_pool", 1),)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        stub: Any = channel.unary_unary(METHOD, StringValue.SerializeToString, StringValue.FromString)
        yield Side(stub)
    await server.stop(None)


def everything(folder: Path, issuer: Issuer, log: AuditLog) -> list[Interceptor]:
    """All interceptors, in the order of a service."""
    (folder / "jwks.json").write_text(issuer.jwks())
    metrics, policy = Metrics(), parse(POLICY)
    tokens = TokenVerifier(FileKeys(folder / "jwks.json", 1.0, metrics), TokenRules(ISSUER, (AUDIENCE,)))
    return [
        TelemetryInterceptor(metrics),
        ErrorsInterceptor(),
        AuditInterceptor(log, frozenset(), required=True),
        DeadlineInterceptor(60.0),
        IdentityInterceptor(Authenticator(tokens, None, certificates=True), lambda: policy, frozenset()),
        AuditOpeningInterceptor(log),
        LimitsInterceptor(Admission(256, metrics), 32 << 20),
        ValidationInterceptor(),
    ]


async def measure(rounds: int) -> float:
    """Prints the table; gives the cost of everything, in µs of the process's time."""
    issuer = Issuer()
    metadata = (("authorization", f"Bearer {issuer.token()}"), ("x-request-id", "line-3/1234"))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = stack.enter_context(AuditLog(AuditSettings(folder / "audit", "bench"), Metrics()))
        chain = everything(folder, issuer, log)
        sides = {"off": await stack.enter_async_context(serving([]))}
        sides["on"] = await stack.enter_async_context(serving([DrainGate(), Chain(*chain)]))
        for _ in range(rounds):
            for side in sides.values():
                await side.round(metadata)
    for name, side in sides.items():
        show(name, side.cpu, side.wall)
    costs = [on - off for on, off in zip(sides["on"].cpu, sides["off"].cpu, strict=True)]
    walls = [on - off for on, off in zip(sides["on"].wall, sides["off"].wall, strict=True)]
    show("cost", costs, walls)
    return statistics.median(costs)


def show(name: str, cpu: list[float], wall: list[float]) -> None:
    """One line of the table."""
    parts = [f"{statistics.median(each):7.1f} µs ({spread(each)})" for each in (cpu, wall)]
    sys.stdout.write(f"{name:5s} process time {parts[0]:30s} wall time {parts[1]}\n")


def spread(values: list[float]) -> str:
    """The middle half."""
    low, _, high = statistics.quantiles(values, n=4)
    return f"{low:.0f} to {high:.0f}"


def main() -> int:
    """Measures, and says by the exit code whether the budget is kept."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # the access log is written, and read by nobody
    configure_logging("bench")
    cost = uvloop.run(measure(rounds))
    sys.stdout.write(f"{'within' if cost <= BUDGET else 'OVER'} the budget of {BUDGET:.0f} µs per unary call\n")
    return 0 if cost <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
