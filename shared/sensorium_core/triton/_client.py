"""The way to Triton: long-lived channels and the calls of the KServe v2 protocol that this project needs.

The generated stub is used as it is. tritonclient's own wrapper would copy each tensor once more and offers neither
a deadline that the server hears of nor cancellation of what waits in its queue.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

import grpc
import numpy as np
from google.protobuf import json_format
from tritonclient.grpc import service_pb2, service_pb2_grpc

from sensorium_core.deadlines import Deadline
from sensorium_core.errors import DeadlineExceededError, SensoriumError
from sensorium_core.peers import PEER_OPTIONS, ClientTls, Links
from sensorium_core.triton._errors import translate
from sensorium_core.triton._requests import Array, Canary, canary_of, expired_request, infer_request
from sensorium_core.triton._spec import DTYPES
from sensorium_core.triton._statistics import ModelCounters, counters
from sensorium_core.triton._wakeups import Waker

Metadata = tuple[tuple[str, str], ...]

# Sizes are bounded where requests come in.
_CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    *PEER_OPTIONS,
)
# The server is told a little less than the caller waits, so that its answer still arrives.
_DEADLINE_MARGIN = 0.005
# So long after its time is up a request is cancelled from here, if the server has not dropped or answered it by then.
_GRACE = 1.0
_COMPUTED_SECONDS = 10.0
_MOST_NUDGES = 8
_NUDGE_TIMEOUT = 1.0
# What the embedded server does only for who knows the key of its start.
_ADMIN_METHODS = frozenset({"RepositoryIndex", "RepositoryModelLoad", "RepositoryModelUnload"})
ADMIN_KEY_NAME = "sensorium"
ADMIN_HEADER = f"triton-grpc-protocol-{ADMIN_KEY_NAME}"
"""The metadata key that Triton derives from the key name in `--grpc-restricted-protocol`."""


@dataclass(frozen=True)
class InferResult:
    """Output tensors by name, read-only, and the version of the model that made them."""

    outputs: Mapping[str, Array]
    model_version: str


class TritonClient:
    """A connection to one Triton server; an async context manager.

    Every method takes a timeout in seconds and raises a `sensorium_core.errors.SensoriumError`: TritonUnavailableError,
    ModelUnavailableError, OverloadedError, DeadlineExceededError or InternalError.

    Args:
        address: `host:port` of the server's gRPC endpoint, or another gRPC target.
        tls: certificates of this end, followed when they are rotated; None for plain text.
        admin_key: what the server asks for on its model repository; only who starts a server knows it.
    """

    def __init__(self, address: str, tls: ClientTls | None = None, admin_key: str = "") -> None:
        self.address = address
        self._links = Links(address, _CHANNEL_OPTIONS, service_pb2_grpc.GRPCInferenceServiceStub, tls)
        self._admin = ((ADMIN_HEADER, admin_key),) if admin_key else ()
        self._canaries: dict[str, Canary] = {}
        self._expired: dict[str, Any] = {}
        self._wakers: dict[str, Waker] = {}
        self._nudges: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._links.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._nudges:
            task.cancel()
        await asyncio.gather(*self._nudges, return_exceptions=True)
        await self._links.close()

    async def server_live(self, timeout: float) -> bool:
        """Whether the server answers at all, be it ready or not."""
        try:
            with self._links.stub() as stub:
                await stub.ServerLive(service_pb2.ServerLiveRequest(), timeout=timeout)
        except grpc.aio.AioRpcError:
            return False
        return True

    async def server_ready(self, timeout: float) -> bool:
        """Whether the server answers and calls itself ready; False when it cannot be reached."""
        try:
            with self._links.stub() as stub:
                reply = await stub.ServerReady(service_pb2.ServerReadyRequest(), timeout=timeout)
        except grpc.aio.AioRpcError:
            return False
        return bool(reply.ready)

    async def ready_models(self, timeout: float) -> list[str]:
        """Names of the models that are loaded, sorted."""
        return sorted(await self.loaded_versions(timeout))

    async def model_config(self, name: str, timeout: float) -> Any:
        """The ModelConfig message of a loaded model."""
        reply = await self._ask("ModelConfig", service_pb2.ModelConfigRequest(name=name), timeout, name)
        return reply.config

    async def model_metadata(self, name: str, timeout: float) -> Any:
        """The ModelMetadataResponse of a loaded model: names, types and shapes of its tensors."""
        return await self._ask("ModelMetadata", service_pb2.ModelMetadataRequest(name=name), timeout, name)

    async def statistics(self, timeout: float, name: str = "") -> dict[str, ModelCounters]:
        """Counters by model name; of one model, or of all."""
        request = service_pb2.ModelStatisticsRequest(name=name)
        reply = await self._ask("ModelStatistics", request, timeout, name)
        return counters(reply.model_stats)

    async def loaded_versions(self, timeout: float) -> dict[str, set[str]]:
        """The versions that are loaded, by model."""
        reply = await self._ask("RepositoryIndex", service_pb2.RepositoryIndexRequest(ready=True), timeout)
        loaded: dict[str, set[str]] = {}
        for model in reply.models:
            loaded.setdefault(model.name, set()).add(model.version)
        return loaded

    async def load(
        self, name: str, timeout: float, *, config: Any = None, files: Mapping[str, bytes] | None = None
    ) -> None:
        """Loads a model, or loads it anew if its files have changed.

        What is loaded already answers until the new one is there, and stays if that cannot be loaded; requests in
        flight finish.

        Args:
            name: the model.
            timeout: in seconds.
            config: a ModelConfig message to take instead of the one in the model's folder.
            files: the model's files by path, such as `1/model.onnx`, if it has no folder; then `config` is needed.
        """
        self._canaries.pop(name, None)
        self._expired.pop(name, None)
        request = service_pb2.RepositoryModelLoadRequest(model_name=name)
        if config is not None:
            request.parameters["config"].string_param = json_format.MessageToJson(
                config, preserving_proto_field_name=True
            )
        for path, content in (files or {}).items():
            request.parameters[f"file:{path}"].bytes_param = content
        await self._ask("RepositoryModelLoad", request, timeout, name)

    async def unload(self, name: str, timeout: float) -> None:
        """Unloads a model; requests in flight finish first."""
        request = service_pb2.RepositoryModelUnloadRequest(model_name=name)
        await self._ask("RepositoryModelUnload", request, timeout, name)

    async def canary(self, name: str, timeout: float) -> None:
        """Runs the first warm-up sample of the model's configuration, ahead of what waits in its queue.

        This is the proof that a model works: Triton calls a model ready whose process has died. As the sample of a
        detector takes a processor for a tenth of a second, it is computed every ten seconds; in between, the embedded
        server's model processes may answer the `canary` without computing it, which they do when its turn has come:
        one that is gone, or stuck, does not. One that may take long over what it is at says so in its configuration,
        and is waited for: parameter `canary_seconds`.
        """
        canary = self._canaries.get(name)
        if canary is None:
            config = await self.model_config(name, timeout)
            canary = self._canaries[name] = canary_of(config)
        began = time.monotonic()
        light = began - canary.computed < _COMPUTED_SECONDS
        try:
            await self._ask("ModelInfer", canary.request_for(light=light), max(timeout, canary.patience), name)
        except BaseException:
            self._canaries.pop(name, None)  # the model may come back with another configuration
            raise
        if not light:
            canary.computed = began

    async def infer(
        self,
        name: str,
        inputs: Mapping[str, Array],
        outputs: Sequence[str],
        *,
        timeout: float,
        version: str = "",
        priority: int = 0,
        request_id: str = "",
        metadata: Metadata = (),
    ) -> InferResult:
        """Runs a model on tensors whose first dimension is the batch.

        Cancelling the awaiting task cancels the request on the server, so that work which nobody waits for any more is
        dropped from the queue. The timeout reaches the server as the request's timeout, and a request whose time is up
        is left to it: release 24.10 may crash when one is cancelled in the moment in which it is dropped or answered
        (https://github.com/triton-inference-server/server/issues/7368). The metadata may carry a trace on.
        """
        request = infer_request(name, inputs, outputs, version=version, priority=priority, request_id=request_id)
        request.parameters["timeout"].int64_param = max(1, int((timeout - _DEADLINE_MARGIN) * 1e6))
        waker = self._wakers.get(name) or self._make_waker(name)
        with waker.request():
            reply = await self._infer(request, timeout, name, metadata)
        tensors = {
            tensor.name: np.frombuffer(raw, DTYPES[tensor.datatype]).reshape(tuple(tensor.shape))
            for tensor, raw in zip(reply.outputs, reply.raw_output_contents, strict=True)
        }
        return InferResult(tensors, reply.model_version)

    async def _infer(self, request: Any, timeout: float, model: str, metadata: Metadata) -> Any:
        end = time.monotonic() + timeout
        # To give up waiting for it cancels nothing.
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._links.stub() as stub:
            asked = stub.ModelInfer(request, timeout=timeout + _GRACE, metadata=metadata or None)

            def note(_: Any) -> None:
                if not answered.done():
                    answered.set_result(None)

            asked.add_done_callback(note)
            try:
                with Deadline(end):
                    await answered
                return await asked
            except TimeoutError:
                raise DeadlineExceededError from None
            except asyncio.CancelledError:
                if time.monotonic() < end - _DEADLINE_MARGIN:
                    asked.cancel()
                raise
            except grpc.aio.AioRpcError as error:
                raise translate(error, model) from error

    def _make_waker(self, name: str) -> Waker:
        waker = self._wakers[name] = Waker(partial(self._nudge, name), asyncio.get_running_loop())
        return waker

    def _nudge(self, name: str) -> None:
        if len(self._nudges) < _MOST_NUDGES:
            task = asyncio.create_task(self._send_nudge(name))
            self._nudges.add(task)
            task.add_done_callback(self._nudges.discard)

    async def _send_nudge(self, name: str) -> None:
        with suppress(SensoriumError, grpc.aio.AioRpcError):  # that it is refused is what it is for
            request = self._expired.get(name)
            if request is None:
                request = self._expired[name] = expired_request(await self.model_config(name, _NUDGE_TIMEOUT))
            if request:
                with self._links.stub() as stub:
                    await stub.ModelInfer(request, timeout=_NUDGE_TIMEOUT)

    async def _ask(self, method: str, request: Any, timeout: float, model: str = "", metadata: Metadata = ()) -> Any:
        try:
            with self._links.stub() as stub:
                sent = self._admin if method in _ADMIN_METHODS else metadata
                return await getattr(stub, method)(request, timeout=timeout, metadata=sent or None)
        except grpc.aio.AioRpcError as error:
            raise translate(error, model) from error
