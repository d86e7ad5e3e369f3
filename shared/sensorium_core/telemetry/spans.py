"""Parts of traces as they are noted while calls are served; OpenTelemetry's own spans are made of them in its thread.

A span of OpenTelemetry costs tens of microseconds in the midst of a call: locks, copies and checks that are for spans
which anybody may change at any time. What is noted here costs a tenth.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

__all__ = ["Attributes", "Kind", "Parent", "Span", "new_trace_id", "parent_in", "rpc_attributes"]

Attributes = Mapping[str, str | int]

# https://www.w3.org/TR/trace-context-2/#traceparent-header; a later version may go on behind the flags.
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_LONGEST_HEADER = 512
_SAMPLED = 0x01
# Of the statuses of a server only these are its own failures:
# https://opentelemetry.io/docs/specs/semconv/rpc/grpc
_SERVER_ERRORS = frozenset(("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"))
_NOTHING: Attributes = {}


class Kind(Enum):
    """What a span is to its parent."""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a trace comes from: what a caller's `traceparent` and `tracestate` say.

    Attributes:
        trace_id, span_id: in hexadecimal.
        sampled: whether the caller keeps the trace.
        state: the header `tracestate`; empty without one.
    """

    trace_id: str
    span_id: str
    sampled: bool
    state: str = ""


class Span:
    """A part of a trace that has begun. Its attributes are names, numbers and codes, never content.

    Args:
        finish: takes the span when it has ended, if it is kept.
        name: what is done.
        trace_id: of the trace, in hexadecimal.
        parent_id: of the span above; empty for the first.
        kind: what it is to its parent.
        attributes: known from the beginning; not changed.
        state: the trace's `tracestate`.
        sampled: whether the trace is kept.
        remote: whether the span above is another process's.
        links: spans that have to do with this one.
    """

    __slots__ = (
        "_finish",
        "attributes",
        "began",
        "ended",
        "failed",
        "further",
        "kind",
        "links",
        "name",
        "parent_id",
        "remote",
        "sampled",
        "span_id",
        "state",
        "trace_id",
    )

    def __init__(
        self,
        finish: Callable[[Span], None],
        name: str,
        trace_id: str,
        parent_id: str,
        *,
        kind: Kind = Kind.INTERNAL,
        attributes: Attributes = _NOTHING,
        state: str = "",
        sampled: bool = True,
        remote: bool = False,
        links: Sequence[Span] = (),
    ) -> None:
        self._finish = finish
        self.name = name
        self.trace_id = trace_id
        self.span_id = f"{random.getrandbits(64):016x}"
        self.parent_id = parent_id
        self.kind = kind
        self.attributes = attributes
        self.further: dict[str, str | int] | None = None
        self.state = state
        self.sampled = sampled
        self.remote = remote
        self.links = links
        self.failed = False
        self.began = time.time_ns()
        self.ended = 0

    def child(self, name: str, *, links: Sequence[Span] = ()) -> Span:
        """Begins a part of this span."""
        return self._begin(name, Kind.INTERNAL, _NOTHING, links)

    def client(self, service: str, method: str, attributes: Attributes) -> Span:
        """Begins a call to another server."""
        if not self.sampled:
            return self
        return self._begin(f"{service}/{method}", Kind.CLIENT, {**rpc_attributes(service, method), **attributes}, ())

    def batch(self, others: Sequence[Span]) -> list[Span]:
        """Begins work that is done for this span and others at once: a span in the trace of each, linked.

        The work goes on under the first of them.
        """
        first = self.child("batch", links=others)
        return [first, *(other.child("batch", links=[first]) for other in others)]

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What tells the next server to go on with the trace; nothing where the trace is not kept."""
        if not self.sampled:
            return ()
        parent = ("traceparent", f"00-{self.trace_id}-{self.span_id}-01")
        return (parent, ("tracestate", self.state)) if self.state else (parent,)

    def exemplar(self) -> dict[str, str] | None:
        """What leads from a measured value to the trace; None where the trace is not kept."""
        return {"trace_id": self.trace_id, "span_id": self.span_id} if self.sampled else None

    def end(self, error: str = "") -> None:
        """Ends the span; `error` is the stable reason of a failure."""
        if self.ended or not self.sampled:
            return
        self.ended = time.time_ns()
        if error:
            self.failed = True
            self.note("error.type", error)
        self._finish(self)

    def end_call(self, code: int, code_name: str, reason: str) -> None:
        """Ends the span of a call that was served, with its status and the stable reason for it."""
        if not self.sampled:
            return
        self.note("rpc.grpc.status_code", code)
        if reason and code_name not in _SERVER_ERRORS:
            self.note("error.type", reason)  # the caller's mistake is no error of this server
            reason = ""
        self.end(reason or (code_name if code_name in _SERVER_ERRORS else ""))

    def note(self, name: str, value: str | int) -> None:
        """Adds an attribute."""
        if self.further is None:
            self.further = {}
        self.further[name] = value

    def _begin(self, name: str, kind: Kind, attributes: Attributes, links: Sequence[Span]) -> Span:
        if not self.sampled:
            return self  # its parts are not kept either, and to end it has no effect
        return Span(
            self._finish,
            name,
            self.trace_id,
            self.span_id,
            kind=kind,
            attributes=attributes,
            state=self.state,
            links=links,
        )


def parent_in(metadata: Mapping[str, str]) -> Parent | None:
    """What a caller's metadata says of its trace (W3C Trace Context); None where it has none, or a wrong one."""
    header = metadata.get("traceparent", "")
    found = _TRACEPARENT.fullmatch(header.strip(" \t")) if 0 < len(header) <= _LONGEST_HEADER else None
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    return Parent(trace_id, span_id, bool(int(flags, 16) & _SAMPLED), metadata.get("tracestate", ""))


def new_trace_id() -> str:
    """The id of a trace that begins here."""
    return f"{random.getrandbits(128):032x}"


def rpc_attributes(service: str, method: str) -> dict[str, str | int]:
    """The attributes that OpenTelemetry's conventions ask for on both ends of an RPC."""
    return {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}
