"""Structured logs: one JSON object a line on standard error, the ids of request and trace in each line of a call."""

import logging
import sys
import time
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog

from sensorium_core.call import current_call_id, current_span
from sensorium_core.telemetry.sink import LogSink, render


def configure_logging(service: str, level: str = "info", *, silent: bool = False) -> None:
    """Sends structlog and the standard library's loggers as JSON lines to standard error.

    Args:
        service: written into each line as `service`.
        level: least severe level that is written: debug, info, warning or error.
        silent: write nothing at all.
    """
    # Nothing here is logged as critical, and structlog knows no level above it.
    number = logging.CRITICAL if silent else logging.getLevelNamesMapping()[level.upper()]
    sink = LogSink(sys.stderr)
    shared: list[Any] = [_dress(service), structlog.processors.format_exc_info]
    structlog.configure(
        processors=[*shared, _hand_over],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: sink,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=_render))
    logging.disable(logging.CRITICAL if silent else logging.NOTSET)
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _dress(service: str) -> Any:
    """Adds what every line has; all of it at once, because the access log is much of what the interceptors cost."""

    def add(_logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["level"] = name
        event["timestamp"] = utc(time.time())
        event.setdefault("service", service)
        request_id = current_call_id()
        if request_id:
            event.setdefault("request_id", request_id)
        span = current_span()
        if span:
            event.setdefault("trace_id", span.trace_id)
            event.setdefault("span_id", span.span_id)
        return event

    return add


def utc(moment: float) -> str:
    """Seconds since the epoch as in RFC 3339, to the microsecond: `2026-11-25T21:00:00.000000Z`."""
    second = int(moment)
    return f"{_second(second)}.{int((moment - second) * 1e6):06d}Z"


@lru_cache(maxsize=2)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _hand_over(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> tuple[tuple[Any], dict[str, Any]]:
    return (event,), {}


def _render(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> str:
    return render(event).removesuffix("\n")
