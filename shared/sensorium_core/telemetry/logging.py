"""Structured logs: one JSON object a line on standard error, the ids of request and trace in each line of a call."""

import logging
import sys
from typing import Any

import structlog

from sensorium_core.call import current_call_id, current_span


def configure_logging(service: str, level: str = "info", *, silent: bool = False) -> None:
    """Sends structlog and the standard library's loggers as JSON lines to standard error.

    Args:
        service: written into each line as `service`.
        level: least severe level that is written: debug, info, warning or error.
        silent: write nothing at all.
    """
    # Nothing here is logged as critical, and structlog knows no level above it.
    number = logging.CRITICAL if silent else logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_service(service),
        _add_ids,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=structlog.processors.JSONRenderer())
    )
    logging.disable(logging.CRITICAL if silent else logging.NOTSET)
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _add_service(service: str) -> Any:
    def add(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
        event.setdefault("service", service)
        return event

    return add


def _add_ids(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    request_id = current_call_id()
    if request_id:
        event.setdefault("request_id", request_id)
    span = current_span()
    if span:
        event.setdefault("trace_id", span.trace_id)
        event.setdefault("span_id", span.span_id)
    return event
