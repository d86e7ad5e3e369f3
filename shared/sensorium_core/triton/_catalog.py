"""The models a service uses, together."""

import asyncio
from collections.abc import Iterable, Iterator

from sensorium_core.call import current_call
from sensorium_core.errors import NotFoundError
from sensorium_core.telemetry import Metrics
from sensorium_core.triton._breaker import CircuitBreaker, CircuitState
from sensorium_core.triton._client import TritonClient
from sensorium_core.triton._recording import Recorder
from sensorium_core.triton._served import ServedModel
from sensorium_core.triton._spec import ModelSpec

# Seconds between canaries on a model that is refused to callers until one succeeds.
_TRIAL_PAUSE = 0.25
_MOST_FAILURES = 5


class ModelCatalog:
    """The models of one service.

    Args:
        client: the server that has them.
        specs: what the service expects of each.
        metrics: where their state and their times are shown.
        most_failures: calls of a model that must fail in a row before it is refused to callers.
        recorder: keeps a few of the requests.
    """

    def __init__(
        self,
        client: TritonClient,
        specs: Iterable[ModelSpec],
        metrics: Metrics,
        most_failures: int = _MOST_FAILURES,
        recorder: Recorder | None = None,
    ) -> None:
        self._client = client
        self._disturbed = asyncio.Event()

        def served(spec: ModelSpec) -> ServedModel:
            breaker = CircuitBreaker(spec.name, most_failures, self._disturbed.set, metrics)
            return ServedModel(client, spec, breaker, metrics, recorder)

        self._models = {spec.name: served(spec) for spec in specs}

    def __iter__(self) -> Iterator[ServedModel]:
        return iter(self._models.values())

    def __getitem__(self, name: str) -> ServedModel:
        """The model of that name, which must be one of the service's."""
        return self._models[name]

    def get(self, name: str, *, default: str, among: Iterable[str], field: str) -> ServedModel:
        """The model that a request names, or the default.

        Args:
            name: as in the request; empty for the default.
            default: name of the model to use then.
            among: names of the models that fit the request.
            field: path of the request's field, for the error.

        Raises:
            NotFoundError: no such model, or one for another purpose.
            PermissionDeniedError: the caller may not have it used.
        """
        wanted, fitting = name or default, sorted(among)
        if wanted not in fitting or wanted not in self._models:
            text = f"no model {wanted!r} for this request; there is: {', '.join(fitting)}"
            raise NotFoundError.field(field, text, reason="MODEL_NOT_FOUND")
        current_call().check_model(wanted)
        return self._models[wanted]

    async def probe(self, timeout: float) -> bool:
        """Whether every model works; asks them at the same time."""
        server = asyncio.create_task(self._answers_late(timeout))
        try:
            results = await asyncio.gather(*(model.probe(timeout, server) for model in self))
        finally:
            server.cancel()
        return all(results)

    async def _answers_late(self, timeout: float) -> bool:
        """Whether the server answers anything, asked only where canaries take half of their time."""
        await asyncio.sleep(timeout / 2)
        return await self._client.server_live(timeout / 2)

    async def rest(self, seconds: float) -> None:
        """Returns when the models are to be asked again: in `seconds`, and sooner where one is refused to callers."""
        refused = any(model.circuit is not CircuitState.CLOSED for model in self)
        try:
            async with asyncio.timeout(min(seconds, _TRIAL_PAUSE) if refused else seconds):
                await self._disturbed.wait()
        except TimeoutError:
            return
        self._disturbed.clear()

    async def refresh(self, timeout: float) -> None:
        """Reads the server's statistics and versions into the models.

        Raises:
            SensoriumError: the server cannot be asked.
        """
        counters = await self._client.statistics(timeout)
        for model in self:
            model.observe(counters.get(model.name))
