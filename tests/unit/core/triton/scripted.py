"""A small server of KServe's v2 protocol that does what a test tells it, and notes what it was asked."""

# ruff: noqa: N802 - methods bear the names of the RPCs

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import numpy as np
from tritonclient.grpc import service_pb2 as pb
from tritonclient.grpc import service_pb2_grpc

from sensorium_core.triton import DTYPES, ModelSpec, TensorSpec, parse_config

SPEC = ModelSpec(
    "doubler",
    inputs=(TensorSpec("x", "INT16", (-1, 3)),),
    outputs=(TensorSpec("y", "INT16", (-1, 3)), TensorSpec("sum", "FP32", (-1,))),
)
CONFIG = """
name: "doubler" backend: "onnxruntime" max_batch_size: 8
input { name: "x" data_type: TYPE_INT16 dims: [3] }
output { name: "y" data_type: TYPE_INT16 dims: [3] }
output { name: "sum" data_type: TYPE_FP32 dims: [] }
model_warmup { name: "one" batch_size: 2 inputs { key: "x" value { data_type: TYPE_INT16 dims: [3] zero_data: true } } }
parameters { key: "capability" value { string_value: "classify,embed" } }
parameters { key: "labels" value { string_value: "[\\"cat\\", \\"dog\\"]" } }
parameters { key: "source" value { string_value: "a wheel" } }
parameters { key: "license" value { string_value: "MIT" } }
"""
Infer = Callable[[Any, Any], Awaitable[Any]]


class ScriptedTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]  # tritonclient has no types
    """Serves the models in `configs`; `infer` answers inferences and `failures` come first, by method."""

    def __init__(self, *configs: str) -> None:
        self.configs = {config.name: config for config in map(parse_config, configs or (CONFIG,))}
        self.infer: Infer = double
        self.failures: dict[str, tuple[grpc.StatusCode, str]] = {}
        self.requests: list[Any] = []
        self.asked: list[str] = []
        self.peers: set[str] = set()
        self.versions: list[tuple[str, str, str]] = []
        self.stats: list[Any] = []
        self.silent = False

    async def ServerLive(self, request: Any, context: Any) -> Any:
        if self.silent:
            await asyncio.Event().wait()
        return pb.ServerLiveResponse(live=True)

    async def ServerReady(self, request: Any, context: Any) -> Any:
        await self._note("ServerReady", context)
        return pb.ServerReadyResponse(ready=True)

    async def RepositoryIndex(self, request: Any, context: Any) -> Any:
        await self._note("RepositoryIndex", context)
        index = pb.RepositoryIndexResponse()
        for name, version, state in self.versions:
            if state == "READY" or not request.ready:
                index.models.add(name=name, version=version, state=state)
        return index

    async def ModelConfig(self, request: Any, context: Any) -> Any:
        await self._note("ModelConfig", context)
        return pb.ModelConfigResponse(config=await self._config(request.name, context))

    async def ModelMetadata(self, request: Any, context: Any) -> Any:
        await self._note("ModelMetadata", context)
        config = await self._config(request.name, context)
        reply = pb.ModelMetadataResponse(name=config.name)
        for served, configured in ((reply.inputs, config.input), (reply.outputs, config.output)):
            for tensor in configured:
                datatype = pb.model__config__pb2.DataType.Name(tensor.data_type).removeprefix("TYPE_")
                served.add(name=tensor.name, datatype=datatype, shape=[-1, *tensor.dims])
        return reply

    async def ModelStatistics(self, request: Any, context: Any) -> Any:
        await self._note("ModelStatistics", context)
        return pb.ModelStatisticsResponse(model_stats=self.stats)

    async def RepositoryModelLoad(self, request: Any, context: Any) -> Any:
        await self._note("RepositoryModelLoad", context)
        self.requests.append(request)
        return pb.RepositoryModelLoadResponse()

    async def RepositoryModelUnload(self, request: Any, context: Any) -> Any:
        await self._note("RepositoryModelUnload", context)
        self.requests.append(request)
        return pb.RepositoryModelUnloadResponse()

    async def ModelInfer(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        await self._note("ModelInfer", context)
        await self._config(request.model_name, context)
        return await self.infer(request, context)

    async def _note(self, method: str, context: Any) -> None:
        self.asked.append(method)
        self.peers.add(context.peer())
        if method in self.failures:
            await context.abort(*self.failures[method])

    async def _config(self, name: str, context: Any) -> Any:
        if name not in self.configs:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"Request for unknown model: '{name}' is not found")
        return self.configs[name]


async def double(request: Any, context: Any) -> Any:
    """What the model does: y is twice x, sum is the sum of each row."""
    (tensor,) = request.inputs
    x = np.frombuffer(request.raw_input_contents[0], DTYPES[tensor.datatype]).reshape(tuple(tensor.shape))
    outputs = {"y": x * 2, "sum": x.sum(axis=1).astype(np.float32)}
    reply = pb.ModelInferResponse(model_name=request.model_name, model_version="3")
    for wanted in request.outputs:
        array = outputs[wanted.name]
        datatype = "INT16" if wanted.name == "y" else "FP32"
        reply.outputs.add(name=wanted.name, datatype=datatype, shape=array.shape)
        reply.raw_output_contents.append(array.astype(DTYPES[datatype]).tobytes())
    return reply


@asynccontextmanager
async def serving_triton(
    triton: ScriptedTriton, port: int = 0, credentials: grpc.ServerCredentials | None = None
) -> AsyncIterator[int]:
    """Serves it and gives the port; ends without grace, as a killed server does."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(triton, server)
    address = f"127.0.0.1:{port}"
    bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(None)


def statistics(name: str = "doubler", version: str = "3", **sums: Any) -> Any:
    """An entry of ModelStatistics: requests, executions, failures, queue_ns, compute_ns, batches."""
    entry = pb.ModelStatistics(name=name, version=version)
    entry.inference_count = sums.get("inferences", 0)
    entry.execution_count = sums.get("executions", 0)
    entry.inference_stats.success.count = sums.get("requests", 0)
    entry.inference_stats.fail.count = sums.get("failures", 0)
    entry.inference_stats.queue.ns = sums.get("queue_ns", 0)
    entry.inference_stats.compute_infer.ns = sums.get("compute_ns", 0)
    for size, runs in sums.get("batches", {}).items():
        entry.batch_stats.add(batch_size=size).compute_infer.count = runs
    return entry


class Held:
    """An inference that waits; it tells that it was reached and how it ended."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.go = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def __call__(self, request: Any, context: Any) -> Any:
        self.reached.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return await double(request, context)
