"""The call that is being served: its id, its deadline, and where its time goes.

The outermost interceptor makes a Call and everything below finds it by `current_call()`, so that no function has to
hand request ids and deadlines through.
"""

import contextvars
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sensorium_core.deadlines import Deadline
from sensorium_core.errors import DeadlineExceededError

if TYPE_CHECKING:
    from sensorium_core.security.access import Access
    from sensorium_core.telemetry.spans import Span


class Stage(StrEnum):
    """A part of a call's time, as `sensorium.type.v1.Timings` names them."""

    DECODE = "decode"
    PREPROCESS = "preprocess"
    TRITON_QUEUE = "triton_queue"
    TRITON_COMPUTE = "triton_compute"
    POSTPROCESS = "postprocess"


def make_id() -> str:
    """A request id of our own."""
    return secrets.token_hex(16)


@dataclass(slots=True)
class Call:
    """One call, or one frame of a stream.

    Attributes:
        method: full method name, `/package.Service/Method`.
        request_id: the caller's id, or one made up here.
        deadline: on the monotonic clock, in seconds; None for a stream without one.
        stages: seconds spent so far, by stage.
        models: versions of the models that took part, by name.
        details: further facts for the access log; never content.
        access: who calls, and what that caller may do; None where everybody may do everything.
        meter: counts the bytes of a stream's requests for the caller's quota.
        request_bytes: size of the request on the wire; of a stream of requests, what has come so far.
        response_bytes: the same of what was answered.
        span: the call's part of a trace; None where traces are off.
    """

    method: str = ""
    request_id: str = field(default_factory=make_id)
    deadline: float | None = None
    started: float = field(default_factory=time.monotonic)
    stages: dict[Stage, float] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    details: dict[str, str | int | float] = field(default_factory=dict)
    access: "Access | None" = None
    meter: Callable[[int], None] | None = None
    request_bytes: int = 0
    response_bytes: int = 0
    span: "Span | None" = None

    def remaining(self) -> float | None:
        """Seconds until the deadline; None when there is none.

        Raises:
            DeadlineExceededError: the deadline has passed.
        """
        if self.deadline is None:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlineExceededError
        return left

    def receive(self, size: int) -> None:
        """Counts a message of `size` bytes that came on the call's stream.

        Raises:
            SensoriumError: the caller may no longer call: its token has expired, the policy has changed, or it sends
                far more than its quota.
        """
        self.request_bytes += size
        if self.access is not None:
            self.access.check()
        if self.meter is not None:
            self.meter(size)

    def part(self, request_id: str, deadline: float | None) -> "Call":
        """A call for a part of this one, such as an item of a stream: of the same caller, with an id of its own.

        Its deadline is this call's if that is sooner.
        """
        deadlines = [each for each in (deadline, self.deadline) if each is not None]
        span = self.span.child("item") if self.span else None
        return Call(self.method, request_id, min(deadlines, default=None), access=self.access, span=span)

    def absorb(self, part: "Call") -> None:
        """Takes over which models a part of this call has used; the part has ended."""
        self.models.update(part.models)
        if part.span:
            part.span.end(str(part.details.get("reason", "")))

    def check_model(self, name: str) -> None:
        """Refuses a model that the caller may not have used.

        Raises:
            PermissionDeniedError: MODEL_NOT_ALLOWED.
        """
        if self.access is not None:
            self.access.check_model(name)

    def elapsed(self) -> float:
        """Seconds since the call began."""
        return time.monotonic() - self.started

    def spend(self, stage: Stage, seconds: float) -> None:
        """Adds seconds to a stage."""
        self.stages[stage] = self.stages.get(stage, 0.0) + seconds

    @contextmanager
    def measure(self, stage: Stage) -> Iterator[None]:
        """Adds the time of the block to a stage."""
        span = self.span.child(stage.value) if self.span else None
        start = time.monotonic()
        try:
            yield
        finally:
            self.spend(stage, time.monotonic() - start)
            if span:
                span.end()


_current: contextvars.ContextVar[Call] = contextvars.ContextVar("sensorium_call")


def current_call() -> Call:
    """The call being served; a fresh one without deadline outside any (in tests, at start)."""
    return _current.get(None) or Call()


class serving:  # noqa: N801 - used as a function; a generator would cost each call three times as much
    """Makes `call` the current one for the block and for tasks started in it."""

    __slots__ = ("_call", "_token")

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> Call:
        self._token = _current.set(self._call)
        return self._call

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def deadline_scope(call: Call) -> Deadline:
    """A scope that ends with TimeoutError when the call's deadline passes.

    Raises:
        DeadlineExceededError: it has passed already.
    """
    call.remaining()
    return Deadline(call.deadline)


def current_call_id() -> str:
    """The request id of the call being served; empty outside any."""
    call = _current.get(None)
    return call.request_id if call else ""


def current_span() -> "Span | None":
    """The part of a trace that is under way; None outside any call, and where traces are off."""
    call = _current.get(None)
    return call.span if call else None
