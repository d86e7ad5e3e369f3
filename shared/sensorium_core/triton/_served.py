"""A model that a service uses: whether it fits, whether it works, and what its last second was like."""

import json
import time
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from sensorium_core.call import Stage, current_call
from sensorium_core.errors import DeadlineExceededError, SensoriumError, UnavailableError
from sensorium_core.telemetry import Metrics
from sensorium_core.triton._breaker import CircuitBreaker, CircuitState
from sensorium_core.triton._client import TritonClient
from sensorium_core.triton._errors import QUEUE_FULL, ModelUnavailableError
from sensorium_core.triton._recording import Recorder
from sensorium_core.triton._requests import Array
from sensorium_core.triton._spec import ModelSpec
from sensorium_core.triton._statistics import ModelCounters

if TYPE_CHECKING:
    from sensorium_core.telemetry.spans import Span

# Inference without a caller's deadline, in streams and tests, ends after this many seconds all the same.
_LONGEST_INFERENCE = 60.0
# A success so recent needs no canary to prove that the model works.
_FRESH_SECONDS = 1.0
# Canaries fail so on a busy machine too, where callers may still be answered: their own failures tell.
_OF_LOAD = frozenset({QUEUE_FULL, DeadlineExceededError().reason})
_INFERENCE = "inference.GRPCInferenceService"

_log = structlog.get_logger("triton")


@dataclass(frozen=True)
class ModelDescription:
    """What the server's configuration of a model says.

    Attributes:
        capabilities: what the model is for, such as `classify`.
        labels: names of its classes by index.
        max_batch: samples that one request may hold; 0 when the model takes no batch.
        source, license: where its weights come from.
        parameters: all that its builder has noted, as it was written.
    """

    capabilities: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    max_batch: int = 0
    source: str = ""
    license: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Any) -> "ModelDescription":
        """Reads it from a ModelConfig message and the parameters that the model builder puts there."""
        parameters = {key: value.string_value for key, value in config.parameters.items()}
        return cls(
            capabilities=tuple(filter(None, parameters.get("capability", "").split(","))),
            labels=tuple(json.loads(parameters.get("labels", "[]"))),
            max_batch=config.max_batch_size,
            source=parameters.get("source", ""),
            license=parameters.get("license", ""),
            parameters=parameters,
        )


class ServedModel:
    """One model of the catalog, bound to its spec."""

    def __init__(
        self,
        client: TritonClient,
        spec: ModelSpec,
        breaker: CircuitBreaker,
        metrics: Metrics,
        recorder: Recorder | None = None,
    ) -> None:
        self.spec = spec
        self.versions: dict[str, bool] = {}
        self.ready = False
        self._client = client
        self._breaker = breaker
        self._metrics = metrics
        self._round_trip = metrics.inference.labels(self.name)
        self._recorder = recorder
        self._description: ModelDescription | None = None
        self._checked = False
        self._late = False
        self._refused = ""
        self._last_success = float("-inf")
        self._counters: ModelCounters | None = None
        self._queue_share = 0.0

    @property
    def name(self) -> str:
        """The model's name."""
        return self.spec.name

    @property
    def description(self) -> ModelDescription:
        """What the server says of the model.

        Raises:
            ModelUnavailableError: the server has not been seen with this model yet.
        """
        if self._description is None:
            raise ModelUnavailableError(self.name)
        return self._description

    @property
    def known_description(self) -> ModelDescription | None:
        """What the server says of the model; None as long as it has not been seen with it."""
        return self._description

    @property
    def circuit(self) -> CircuitState:
        """Whether requests are sent to the model, or refused at once because it has failed again and again."""
        return self._breaker.state

    async def infer(self, inputs: Mapping[str, Array], outputs: Sequence[str] = ()) -> Mapping[str, Array]:
        """Runs the model for the current call, within its deadline.

        Args:
            inputs: tensors by name, batch first, as the spec says.
            outputs: which outputs are wanted; those of the spec by default.

        Raises:
            PermissionDeniedError: MODEL_NOT_ALLOWED.
            CircuitOpenError: the model is not asked, because it has failed again and again.
            SensoriumError: the model gave no answer.
        """
        call = current_call()
        call.check_model(self.name)
        self._breaker.check()
        timeout = call.remaining() or _LONGEST_INFERENCE
        names = outputs or [tensor.name for tensor in self.spec.outputs]
        start = time.monotonic()
        try:
            with _traced(call.span, self.name, inputs) as span:
                sent = span.metadata() if span else ()
                result = await self._client.infer(
                    self.name, inputs, names, timeout=timeout, request_id=call.request_id, metadata=sent
                )
        except SensoriumError as error:
            if isinstance(error, UnavailableError):
                self._refused = error.reason
            self._breaker.failed(error, timeout)
            raise
        finally:
            seconds = time.monotonic() - start
            self._round_trip.observe(seconds, call.span.exemplar() if call.span else None)
            call.spend(Stage.TRITON_QUEUE, seconds * self._queue_share)
            call.spend(Stage.TRITON_COMPUTE, seconds * (1 - self._queue_share))
        call.models[self.name] = result.model_version
        self._last_success = time.monotonic()
        self._breaker.close()
        if self._recorder is not None:
            self._recorder.offer(self.name, inputs)
        return result.outputs

    async def probe(self, timeout: float, server: Awaitable[bool]) -> bool:
        """Whether the model works now: a real success within the last second, or else a canary inference.

        One canary that comes late says nothing of a busy model; two in a row, or one after callers have waited in vain,
        say that it is stuck.

        Args:
            timeout: seconds after which a canary is late.
            server: whether the server answers anything at all; one that does not is no busy one.
        """
        doubtful = not self._breaker.closed
        with self._breaker.trial():
            reason = await self._trouble(timeout)
        late, self._late = self._late, reason == DeadlineExceededError().reason
        forgiven = self.ready and self._late and not late and not doubtful
        working = not reason or (forgiven and await server)
        if not reason:
            self._breaker.close()
        elif reason not in _OF_LOAD and self._description is not None:  # one that never was there has not stopped
            self._breaker.open(reason)
        if working != self.ready:
            report = _log.info if working else _log.warning
            report("model works" if working else "model does not work", model=self.name, reason=reason)
        self.ready = working
        self._metrics.model_ready.labels(self.name).set(working)
        return working

    async def _trouble(self, timeout: float) -> str:
        """The reason for which the model does not answer; empty when it does."""
        refused, self._refused = self._refused, ""
        if refused:  # callers have met what a canary would find out
            self._checked = False
            return refused
        try:
            if not self._checked:
                self._description = await self._describe(timeout)
                self._checked = True
            if not self._breaker.closed or time.monotonic() - self._last_success > _FRESH_SECONDS:
                await self._client.canary(self.name, timeout)
        except SensoriumError as error:
            self._checked = False  # it may come back as another model
            return error.reason
        return ""

    async def _describe(self, timeout: float) -> ModelDescription:
        metadata = await self._client.model_metadata(self.name, timeout)
        problems = self.spec.differences(metadata)
        if problems:
            _log.error("the served model is not the one expected", model=self.name, problems=problems)
            raise ModelUnavailableError(self.name)
        return ModelDescription.of(await self._client.model_config(self.name, timeout))

    def observe(self, now: ModelCounters | None) -> None:
        """Takes the server's newest counters: versions, shares of queue and compute time, batch sizes.

        Args:
            now: None where the server does not have the model.
        """
        versions = dict.fromkeys(now.versions, True) if now else {}
        if versions != self.versions:
            self._checked = False  # another version may have another source, or not be what is expected
        self.versions = versions
        if now is None:
            return
        before, self._counters = self._counters, now
        if before is None:
            return
        delta = now.since(before)
        if delta.queue_ns + delta.compute_ns:
            self._queue_share = delta.queue_share
        self._metrics.queue.labels(self.name).inc(delta.queue_ns / 1e9)
        self._metrics.compute.labels(self.name).inc(delta.compute_ns / 1e9)
        for size, runs in delta.batches.items():
            for _ in range(runs):
                self._metrics.batch_size.labels(self.name).observe(size)


@contextmanager
def _traced(span: "Span | None", model: str, inputs: Mapping[str, Array]) -> "Iterator[Span | None]":
    """The client's span of an inference, under the span of its call; None where traces are off."""
    if span is None:
        yield None
        return
    size = max((len(array) for array in inputs.values()), default=0)
    asking = span.client(_INFERENCE, "ModelInfer", {"sensorium.model.name": model, "sensorium.batch.size": size})
    reason = ""
    try:
        yield asking
    except BaseException as error:
        reason = error.reason if isinstance(error, SensoriumError) else "CANCELLED"
        raise
    finally:
        asking.end(reason)
