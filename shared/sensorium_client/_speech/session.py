"""Sessions: streams of speech for callers that cannot hold a bidirectional one, with what makes them survive breaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self

from google.protobuf.message import Message

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client._call import Call
from sensorium_client._errors import (
    CallCancelledError,
    DeadlineExceededError,
    ErrorDetails,
    OverloadedError,
    PreconditionError,
    SensoriumError,
    UnavailableError,
)
from sensorium_client._feed import Feed
from sensorium_client._speech import responses
from sensorium_client._speech.audio import AudioFormat, Chunk, chunk_bytes
from sensorium_client._speech.results import ClosedSession, PushedAudio
from sensorium_client._speech.stream import R

if TYPE_CHECKING:
    from sensorium_client._speech.client import AsyncSpeechClient, SpeechClient

_UNDECIDED = (UnavailableError, OverloadedError, DeadlineExceededError, CallCancelledError)
"""What a push fails with when its chunk may have arrived, or may yet be taken."""


class SessionState(Generic[R]):
    """The numbers of a session, from which both kinds of sessions make their calls; does no I/O.

    Args:
        response: says how the session is called.
        audio_format: what the bytes of its audio mean.
        result: reads a response of the session.
    """

    def __init__(self, response: pb.OpenSessionResponse, audio_format: AudioFormat, result: Callable[[Any], R]) -> None:
        self.name = response.session
        self.idle_timeout = response.idle_timeout.ToTimedelta()
        self.next_result = 0
        self.result = result
        self._format = audio_format
        self._next_chunk = 0
        self._undecided: pb.PushAudioRequest | None = None

    def push_call(self, chunk: Chunk, *, finalize: bool, deadline: float | None) -> Call[PushedAudio]:
        audio = chunk_bytes(chunk, self._format)
        request = pb.PushAudioRequest(
            session=self.name, sequence_number=self._next_chunk, audio=audio, finalize=finalize
        )
        if self._undecided not in (None, request):
            raise _chunk_missing()
        self._undecided = request
        return Call(lambda stubs: stubs.service.PushAudio, request, self._pushed, deadline)

    def push_failed(self, error: SensoriumError) -> None:
        """A chunk that the session refused need not be pushed again."""
        if not isinstance(error, _UNDECIDED):
            self._undecided = None

    def close_call(self, deadline: float | None) -> Call[ClosedSession]:
        if self._undecided is not None:
            raise _chunk_missing()
        request = pb.CloseSessionRequest(session=self.name)
        return Call(lambda stubs: stubs.service.CloseSession, request, responses.closed_session, deadline)

    def discard_call(self, deadline: float | None) -> Call[ClosedSession]:
        request = pb.CloseSessionRequest(session=self.name, discard=True)
        return Call(lambda stubs: stubs.service.CloseSession, request, responses.closed_session, deadline)

    def _pushed(self, response: pb.PushAudioResponse) -> PushedAudio:
        self._next_chunk = response.next_sequence_number
        self._undecided = None
        return responses.pushed_audio(response)


class _Results(Feed[R]):
    def __init__(self, state: SessionState[R]) -> None:
        super().__init__(lambda stubs: stubs.service.WatchResults)
        self._state = state

    def request(self) -> Message:
        return pb.WatchResultsRequest(session=self._state.name, first_number=self._state.next_result)

    def result(self, response: pb.WatchResultsResponse) -> R:
        self._state.next_result = response.number + 1
        return self._state.result(response)


class _Session(Generic[R]):
    """What sessions of both kinds tell."""

    def __init__(self, state: SessionState[R]) -> None:
        self._state = state

    @property
    def name(self) -> str:
        """Its name; whoever knows it can use the session."""
        return self._state.name

    @property
    def idle_timeout(self) -> timedelta:
        """After which time without a call, and without anybody who watches, the session expires."""
        return self._state.idle_timeout


class SpeechSession(_Session[R]):
    """A session, for code that waits; `SpeechClient.open_session` opens one.

        with client.open_session(AudioFormat(16_000)) as session:
            for chunk in microphone:
                session.push(chunk)
            session.close()
            for response in session.watch():
                print(response.result.transcript)

    One thread may push while another one watches. A session lies on one server: a client with several addresses, which
    calls them in turn, does not find it again.
    """

    def __init__(self, client: SpeechClient, state: SessionState[R]) -> None:
        """Use what `SpeechClient.open_session` gives instead."""
        super().__init__(state)
        self._client = client

    def push(self, chunk: Chunk = b"", *, finalize: bool = False, deadline: float | None = None) -> PushedAudio:
        """Hand audio over; waits while the session cannot keep up.

        A chunk whose call breaks is sent again, which does no harm when it had arrived. After an error other than
        those for wrong input push the same chunk again: no other is taken until it is clear what became of this one.

        Args:
            chunk: bytes in the session's format, or an array of samples of that type.
            finalize: finish the utterance behind this chunk, without a pause.
            deadline: seconds until the session must have it, retries included; None for the client's default.

        Raises:
            PreconditionError: SESSION_CLOSED; or CHUNK_MISSING: this is not the chunk whose push failed.
            NotFoundError: SESSION_NOT_FOUND, also when it has expired.
            SensoriumError: the call failed; its class says how.
        """
        call = self._state.push_call(chunk, finalize=finalize, deadline=deadline)
        try:
            return self._client._make(call)
        except SensoriumError as error:
            self._state.push_failed(error)
            raise

    def watch(self, *, deadline: float | None = None) -> Generator[R, None, None]:
        """The responses as they come, from the one behind the last that was yielded, until the session is closed.

        A connection that breaks is made anew; nothing is lost and nothing comes twice. After a loop that was left,
        another `watch` goes on where it was.

        Args:
            deadline: seconds for all of it; None for no end.

        Raises:
            InvalidInputError: RESULTS_GONE: more than the session keeps have come since the last one.
            SensoriumError: the call failed, retries included; its class says how.
        """
        return self._client._feed(_Results(self._state), deadline)

    def close(self, *, deadline: float | None = None) -> ClosedSession:
        """End the audio; returns once the last result exists. Results can be watched until the session expires.

        Raises:
            PreconditionError: CHUNK_MISSING: the last push failed.
            SensoriumError: the call failed; its class says how. It may be called again.
        """
        return self._client._make(self._state.close_call(deadline))

    def discard(self, *, deadline: float | None = None) -> None:
        """Forget the session and its results at once.

        Raises:
            SensoriumError: the call failed; its class says how.
        """
        self._client._make(self._state.discard_call(deadline))

    def __enter__(self) -> Self:
        """The session is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Discard it."""
        with suppress(SensoriumError):  # it expires by itself
            self.discard()


class AsyncSpeechSession(_Session[R]):
    """A session, for asyncio; `AsyncSpeechClient.open_session` opens one.

        async with await client.open_session(AudioFormat(16_000)) as session:
            async for chunk in microphone:
                await session.push(chunk)
            await session.close()
            async for response in session.watch():
                print(response.result.transcript)

    One task may push while another one watches. A session lies on one server: a client with several addresses, which
    calls them in turn, does not find it again.
    """

    def __init__(self, client: AsyncSpeechClient, state: SessionState[R]) -> None:
        """Use what `AsyncSpeechClient.open_session` gives instead."""
        super().__init__(state)
        self._client = client

    async def push(self, chunk: Chunk = b"", *, finalize: bool = False, deadline: float | None = None) -> PushedAudio:
        """As `SpeechSession.push`."""
        call = self._state.push_call(chunk, finalize=finalize, deadline=deadline)
        try:
            return await self._client._make(call)
        except SensoriumError as error:
            self._state.push_failed(error)
            raise

    def watch(self, *, deadline: float | None = None) -> AsyncGenerator[R, None]:
        """As `SpeechSession.watch`."""
        return self._client._feed(_Results(self._state), deadline)

    async def close(self, *, deadline: float | None = None) -> ClosedSession:
        """As `SpeechSession.close`."""
        return await self._client._make(self._state.close_call(deadline))

    async def discard(self, *, deadline: float | None = None) -> None:
        """As `SpeechSession.discard`."""
        await self._client._make(self._state.discard_call(deadline))

    async def __aenter__(self) -> Self:
        """The session is open already."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Discard it."""
        with suppress(SensoriumError):  # it expires by itself
            await self.discard()


def _chunk_missing() -> PreconditionError:
    text = "the chunk before this one may not have arrived: push it again first"
    return PreconditionError(text, details=ErrorDetails(reason="CHUNK_MISSING"))
