"""The way to the text service, which knows what personal data is."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1 import text_service_pb2_grpc
from sensorium.type.v1 import request_context_pb2
from sensorium_core.call import Stage, current_call
from sensorium_core.concurrency import together
from sensorium_core.errors import InternalError, SensoriumError, UnavailableError, WrongStateError
from sensorium_core.peers import PEER_OPTIONS, ClientTls, Links
from sensorium_speech.domain import RecognitionOptions, Transcript
from sensorium_speech.redaction._masking import Replacement, masked

_SERVICE = pb.DESCRIPTOR.services_by_name["TextService"].full_name
# Answers of a text service, or of what stands before it, after which a later attempt may succeed.
_PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
}
_log = structlog.get_logger("redaction")


class RedactionUnavailableError(UnavailableError):
    """The text service does not answer."""

    def __init__(self) -> None:
        text = "Personal data cannot be masked at the moment: the text service does not answer."
        super().__init__(text, reason="REDACTION_UNAVAILABLE", retry_delay=0.5)


class Redactor:
    """Has personal data masked; an async context manager.

    Args:
        address: `host:port` of the text service; empty where there is none.
        timeout: seconds that it gets for an utterance.
        tls: certificates of the way there; None for plain text.
        api_key: says who we are; empty where a certificate does, or nobody asks.
    """

    def __init__(self, address: str, timeout: float, *, tls: ClientTls | None = None, api_key: str = "") -> None:
        self._address = address
        self._timeout = timeout
        self._links = Links(address, PEER_OPTIONS, _Stubs, tls)
        self._metadata = (("x-api-key", api_key),) if api_key else ()

    async def __aenter__(self) -> Self:
        if self._address:
            await self._links.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._links.close()

    def check(self, options: RecognitionOptions) -> None:
        """Refuses options that ask for masking where there is no text service.

        Raises:
            WrongStateError: REDACTION_NOT_CONFIGURED.
        """
        if options.redact and not self._address:
            text = "this service is not configured to have personal data masked; its operator must name a text service"
            field = f"{options.field}.redact_personal_data"
            raise WrongStateError.field(field, text, reason="REDACTION_NOT_CONFIGURED")

    async def ready(self, options: RecognitionOptions) -> None:
        """Finds out before any work whether what these options ask for can be done now.

        Raises:
            RedactionUnavailableError: masking is asked for, and the text service does not serve.
            DeadlineExceededError: the call's deadline passed first.
        """
        if not options.redact:
            return
        request = health_pb2.HealthCheckRequest(service=_SERVICE)
        reply = await self._ask(lambda stubs: stubs.health.Check, request)
        if reply.status != health_pb2.HealthCheckResponse.SERVING:
            raise RedactionUnavailableError

    async def mask(
        self, found: Sequence[Transcript], options: RecognitionOptions, language: str
    ) -> tuple[Transcript, ...]:
        """Transcripts as they may leave: where masking is asked for without personal data, and what is then alike once.

        Args:
            found: the best first.
            options: that `check` has passed.
            language: BCP 47 code of what was heard.

        Raises:
            RedactionUnavailableError: the text service does not answer, or not in time.
            DeadlineExceededError: the call's deadline passed first.
            InternalError: the text service refuses, or answers what cannot be.
        """
        if not options.redact:
            return tuple(found)
        with current_call().measure(Stage.POSTPROCESS):
            clean = await together(*(self._masked(one, language) for one in found))
        first: dict[str, Transcript] = {}
        for one in clean:
            first.setdefault(one.text, one)
        return tuple(first.values())

    async def _masked(self, transcript: Transcript, language: str) -> Transcript:
        call = current_call()
        request = pb.RedactRequest(
            context=request_context_pb2.RequestContext(request_id=call.request_id),
            text=transcript.text,
            language_code=language,
            encoding_type=pb.ENCODING_TYPE_UTF32,
            options=pb.RedactOptions(mode=pb.REDACT_MODE_MASK),
        )
        reply: pb.RedactResponse = await self._ask(lambda stubs: stubs.text.Redact, request)
        call.models.update((use.name, use.version) for use in reply.models)
        return masked(transcript, reply.text, [_replacement(one) for one in reply.findings])

    async def _ask(self, method: "Callable[[_Stubs], Any]", request: Any) -> Any:
        timeout = min(self._timeout, current_call().remaining() or self._timeout)
        try:
            with self._links.stub() as stubs:
                return await method(stubs)(request, timeout=timeout, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            raise _translated(error) from error


class _Stubs:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.text: Any = text_service_pb2_grpc.TextServiceStub(channel)
        self.health: Any = health_pb2_grpc.HealthStub(channel)


def _replacement(finding: pb.PersonalData) -> Replacement:
    span, new = finding.span, finding.replacement
    return Replacement(span.begin, span.end, new.begin, new.end)


def _translated(error: grpc.aio.AioRpcError) -> SensoriumError:
    """The text service's error as callers of this service see it; nothing that it says reaches them."""
    if error.code() in _PASSING:
        current_call().remaining()  # where the deadline has passed, that is the reason
        _log.warning("text service does not answer", code=error.code().name)
        return RedactionUnavailableError()
    _log.error("text service refuses", code=error.code().name)
    return InternalError()
