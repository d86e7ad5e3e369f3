"""What the interceptors cost per unary call: everything on against nothing, turn and turn about.

    python tests/bench/interceptors.py [ROUNDS]

Everything: the drain gate, metrics with exemplars, a line of the access log, a trace (made here, or going on with a
caller's; kept, as OpenTelemetry's sampler does by default, or not), errors, the chained audit log that is required,
deadlines, identity by a token, a policy, quotas and fair shares, limits, validation. What is written in threads (log,
audit, spans) is counted; spans are dropped where they would be sent.

Both servers and the caller run in this process, so what is printed counts the caller's part too: the request id that it
gets. Time is that of the process, in which what others do on the machine meanwhile is not counted but felt: they take
its caches. That only ever adds, so the verdict is about the quickest tenth of the rounds of each side; the median and
the middle half of all rounds stand beside it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import uvloop
from google.protobuf.wrappers_pb2 import StringValue
from opentelemetry.sdk.resources import Resource

from bench.processes import busyness
from bench.tracing import Dropping
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
from sensorium_core.telemetry.tracing import Tracing
from unit.core.security.issuing import AUDIENCE, ISSUER, Issuer

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"
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
    """A stub on a server, what its calls bring, and the process's time that they took, in µs."""

    call: Any
    metadata: tuple[tuple[str, str], ...] = ()
    taken: list[float] = field(default_factory=list)

    async def round(self) -> None:
        """Some calls, one after the other."""
        message = StringValue(value="x" * 1000)
        start = time.process_time()
        for _ in range(CALLS):
            await self.call(message, timeout=30, metadata=self.metadata)
        self.taken.append((time.process_time() - start) / CALLS * 1e6)

    @property
    def quickest(self) -> float:
        """What nine tenths of the rounds pass."""
        return statistics.quantiles(self.taken, n=10)[0]


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


def everything(folder: Path, issuer: Issuer, log: AuditLog, tracing: Tracing) -> list[Interceptor]:
    """All interceptors, in the order of a service."""
    (folder / "jwks.json").write_text(issuer.jwks())
    metrics, policy = Metrics(), parse(POLICY)
    tokens = TokenVerifier(FileKeys(folder / "jwks.json", 1.0, metrics), TokenRules(ISSUER, (AUDIENCE,)))
    return [
        TelemetryInterceptor(metrics, tracing),
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
    brought = (("authorization", f"Bearer {issuer.token()}"), ("x-request-id", "line-3/1234"))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = stack.enter_context(AuditLog(AuditSettings(folder / "audit", "bench"), Metrics()))
        tracing = stack.enter_context(closing(Tracing(Resource({}), Dropping())))
        off = await stack.enter_async_context(serving([]))
        chain = Chain(*everything(folder, issuer, log, tracing))
        on = await stack.enter_async_context(serving([DrainGate(), chain]))
        sides = {
            "off": Side(off.call, brought),
            "on, a trace begun here": Side(on.call, brought),
            "on, its caller's trace": Side(on.call, (*brought, ("traceparent", TRACEPARENT + "01"))),
            "on, a trace not kept": Side(on.call, (*brought, ("traceparent", TRACEPARENT + "00"))),
        }
        for _ in range(rounds):
            for side in sides.values():
                await side.round()
    base = sides["off"]
    for name, side in sides.items():
        low, middle, high = statistics.quantiles(side.taken, n=4)
        cost = "" if side is base else f"   costs {side.quickest - base.quickest:5.0f} µs"
        sys.stdout.write(f"{name:24s} {side.quickest:6.0f} µs (median {middle:.0f}, {low:.0f} to {high:.0f}){cost}\n")
    return max(side.quickest - base.quickest for side in sides.values())


def main() -> int:
    """Measures, and says by the exit code whether the budget is kept."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # the access log is written, and read by nobody
    configure_logging("bench")
    cost = uvloop.run(measure(rounds))
    sys.stdout.write(f"{busyness()}\n")
    sys.stdout.write(f"{'within' if cost <= BUDGET else 'OVER'} the budget of {BUDGET:.0f} µs per unary call\n")
    return 0 if cost <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
