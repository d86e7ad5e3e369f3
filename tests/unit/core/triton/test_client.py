"""The way to Triton, through a real channel to a scripted server."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import numpy as np
import pytest

from sensorium_core.errors import DeadlineExceededError, InternalError, OverloadedError
from sensorium_core.triton import (
    DATATYPES,
    DTYPES,
    ModelUnavailableError,
    TritonClient,
    TritonUnavailableError,
    canary_request,
    datatype_name,
    format_config,
    infer_request,
    parse_config,
)
from unit.core.support import until
from unit.core.triton.scripted import CONFIG, Held, ScriptedTriton, serving_triton, statistics

X = np.array([[1, 2, 3], [4, 5, -6]], np.int16)


async def test_tensors_go_there_and_back(client: TritonClient) -> None:
    result = await client.infer("doubler", {"x": X}, ["sum", "y"], timeout=5)
    assert result.model_version == "3"
    assert list(result.outputs) == ["sum", "y"]
    np.testing.assert_array_equal(result.outputs["y"], X * 2)
    np.testing.assert_array_equal(result.outputs["sum"], np.array([6, 3], np.float32))
    assert result.outputs["y"].dtype == np.int16
    assert not result.outputs["y"].flags.writeable


async def test_only_what_is_asked_for_is_asked_for(client: TritonClient, triton: ScriptedTriton) -> None:
    await client.infer("doubler", {"x": X}, ["sum"], timeout=5, version="3", request_id="r-1")
    (request,) = triton.requests
    assert [output.name for output in request.outputs] == ["sum"]
    assert (request.model_version, request.id) == ("3", "r-1")
    assert [(tensor.name, tensor.datatype, list(tensor.shape)) for tensor in request.inputs] == [("x", "INT16", [2, 3])]
    assert request.raw_input_contents == [X.tobytes()]
    assert "priority" not in request.parameters


async def test_an_output_without_elements_is_an_empty_array(client: TritonClient) -> None:
    result = await client.infer("doubler", {"x": np.zeros((0, 3), np.int16)}, ["y"], timeout=5)
    assert result.outputs["y"].shape == (0, 3)


async def test_the_timeout_reaches_the_server_in_microseconds(client: TritonClient, triton: ScriptedTriton) -> None:
    await client.infer("doubler", {"x": X}, ["y"], timeout=2.5)
    assert triton.requests[0].parameters["timeout"].int64_param == 2_495_000


async def test_the_priority_reaches_the_server(client: TritonClient, triton: ScriptedTriton) -> None:
    await client.infer("doubler", {"x": X}, ["y"], timeout=5, priority=2)
    assert triton.requests[0].parameters["priority"].uint64_param == 2


async def test_a_timeout_ends_the_wait_and_the_servers_work(client: TritonClient, triton: ScriptedTriton) -> None:
    held = triton.infer = Held()
    with pytest.raises(DeadlineExceededError):
        await client.infer("doubler", {"x": X}, ["y"], timeout=0.05)
    await asyncio.wait_for(held.cancelled.wait(), 5)


async def test_a_request_whose_time_is_up_is_left_to_the_server_for_a_second(
    client: TritonClient, triton: ScriptedTriton
) -> None:
    held = triton.infer = Held()
    with pytest.raises(DeadlineExceededError):
        await client.infer("doubler", {"x": X}, ["y"], timeout=0.05)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(held.cancelled.wait(), 0.3)  # to cancel it in this moment makes Triton crash


async def test_a_cancellation_reaches_the_server(client: TritonClient, triton: ScriptedTriton) -> None:
    held = triton.infer = Held()
    task = asyncio.create_task(client.infer("doubler", {"x": X}, ["y"], timeout=30))
    await asyncio.wait_for(held.reached.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(held.cancelled.wait(), 5)


async def test_an_unknown_model_is_unavailable(client: TritonClient) -> None:
    with pytest.raises(ModelUnavailableError, match="'nothing' is not available"):
        await client.infer("nothing", {"x": X}, ["y"], timeout=5)


async def test_an_answer_that_makes_no_sense_is_an_error(client: TritonClient, triton: ScriptedTriton) -> None:
    async def cut_short(request: Any, context: Any) -> Any:
        reply = await ScriptedTriton().infer(request, context)
        del reply.raw_output_contents[1:]
        return reply

    triton.infer = cut_short
    with pytest.raises(ValueError, match="shorter"):
        await client.infer("doubler", {"x": X}, ["y", "sum"], timeout=5)


async def test_the_canary_runs_the_first_warmup_sample_with_priority(
    client: TritonClient, triton: ScriptedTriton
) -> None:
    await client.canary("doubler", 5)
    (request,) = triton.requests
    assert request.parameters["priority"].uint64_param == 1
    assert [output.name for output in request.outputs] == ["y"]
    assert list(request.inputs[0].shape) == [2, 3]
    assert request.raw_input_contents == [bytes(2 * 3 * 2)]


async def test_the_canary_reads_the_configuration_once_while_it_succeeds(
    client: TritonClient, triton: ScriptedTriton
) -> None:
    await client.canary("doubler", 5)
    await client.canary("doubler", 5)
    assert triton.asked == ["ModelConfig", "ModelInfer", "ModelInfer"]
    triton.failures["ModelInfer"] = (grpc.StatusCode.INTERNAL, "Stub process 'doubler_0' is not healthy.")
    with pytest.raises(ModelUnavailableError):
        await client.canary("doubler", 5)
    triton.failures.clear()
    triton.asked.clear()
    await client.canary("doubler", 5)
    assert triton.asked == ["ModelConfig", "ModelInfer"]


async def test_a_canary_is_computed_at_first_after_ten_seconds_and_after_a_failure(
    client: TritonClient, triton: ScriptedTriton
) -> None:
    def light() -> list[bool]:
        return [request.parameters["canary"].bool_param for request in triton.requests]

    await client.canary("doubler", 5)
    await client.canary("doubler", 5)
    assert light() == [False, True]
    client._canaries["doubler"].computed -= 10
    await client.canary("doubler", 5)
    await client.canary("doubler", 5)
    assert light() == [False, True, False, True]
    triton.failures["ModelInfer"] = (grpc.StatusCode.INTERNAL, "Stub process 'doubler_0' is not healthy.")
    with pytest.raises(ModelUnavailableError):
        await client.canary("doubler", 5)
    triton.failures.clear()
    await client.canary("doubler", 5)
    assert not light()[-1]


async def test_a_canary_that_hangs_ends_with_its_timeout(client: TritonClient, triton: ScriptedTriton) -> None:
    held = triton.infer = Held()
    with pytest.raises(DeadlineExceededError):
        await client.canary("doubler", 0.05)
    await asyncio.wait_for(held.cancelled.wait(), 5)


async def test_a_model_may_ask_for_patience_with_its_canary(client: TritonClient, triton: ScriptedTriton) -> None:
    remaining = []

    async def infer(request: Any, context: Any) -> Any:
        remaining.append(context.time_remaining())
        return await ScriptedTriton().infer(request, context)

    triton.infer = infer
    triton.configs["doubler"].parameters["canary_seconds"].string_value = "20"
    await client.canary("doubler", 5)
    await client.canary("doubler", 30)
    assert 15 < remaining[0] <= 21 < remaining[1] <= 31


async def test_loading_makes_the_canary_read_the_configuration_anew(
    client: TritonClient, triton: ScriptedTriton
) -> None:
    await client.canary("doubler", 5)
    await client.unload("doubler", 5)
    await client.load("doubler", 5)
    await client.canary("doubler", 5)
    expected = ["RepositoryModelUnload", "RepositoryModelLoad", "ModelConfig", "ModelInfer"]
    assert triton.asked == ["ModelConfig", "ModelInfer", *expected]


async def test_the_repository_is_listed(client: TritonClient, triton: ScriptedTriton) -> None:
    triton.versions = [("b", "1", "UNAVAILABLE"), ("b", "2", "READY"), ("a", "1", "READY"), ("c", "1", "LOADING")]
    assert await client.ready_models(5) == ["a", "b"]


async def test_statistics_are_summed_over_versions(client: TritonClient, triton: ScriptedTriton) -> None:
    triton.stats = [
        statistics(version="1", requests=2, executions=1, inferences=4, queue_ns=10, compute_ns=30, batches={4: 1}),
        statistics(version="2", requests=1, executions=2, inferences=2, failures=1, batches={4: 1, 1: 1}),
    ]
    (counters,) = (await client.statistics(5)).values()
    assert (counters.success_count, counters.fail_count) == (3, 1)
    assert (counters.execution_count, counters.inference_count) == (3, 6)
    assert (counters.queue_ns, counters.compute_ns, counters.batches) == (10, 30, {4: 2, 1: 1})
    assert counters.queue_share == 0.25
    assert counters.versions == ("1", "2")


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with serving_triton(ScriptedTriton()) as port:
        pass
    async with TritonClient(f"127.0.0.1:{port}") as client:
        assert await client.server_ready(2) is False
        with pytest.raises(TritonUnavailableError):
            await client.infer("doubler", {"x": X}, ["y"], timeout=2)


async def test_one_client_survives_the_restart_of_the_server() -> None:
    async with serving_triton(ScriptedTriton()) as port:
        client = TritonClient(f"127.0.0.1:{port}")
        await client.__aenter__()
        assert await client.server_ready(5)
        failing = asyncio.create_task(_infer_until_it_fails(client))
    error = await asyncio.wait_for(failing, 5)
    assert isinstance(error, TritonUnavailableError | ModelUnavailableError | InternalError)
    with pytest.raises(TritonUnavailableError):
        await client.infer("doubler", {"x": X}, ["y"], timeout=2)
    async with serving_triton(ScriptedTriton(), port):
        start = asyncio.get_running_loop().time()
        async with asyncio.timeout(5):
            while not await client.server_ready(1):  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() - start < 2
        result = await client.infer("doubler", {"x": X}, ["y"], timeout=5)
        np.testing.assert_array_equal(result.outputs["y"], X * 2)
        await client.__aexit__(None, None, None)


async def test_a_full_queue_is_told_as_such(client: TritonClient, triton: ScriptedTriton) -> None:
    triton.failures["ModelInfer"] = (grpc.StatusCode.UNAVAILABLE, "Exceeds maximum queue size")
    with pytest.raises(OverloadedError) as caught:
        await client.infer("doubler", {"x": X}, ["y"], timeout=5)
    assert caught.value.reason == "MODEL_QUEUE_FULL"


async def test_closing_the_client_with_a_call_under_way_ends_the_call(triton: ScriptedTriton) -> None:
    held = triton.infer = Held()
    async with serving_triton(triton) as port:
        async with TritonClient(f"127.0.0.1:{port}") as client:
            task = asyncio.create_task(client.infer("doubler", {"x": X}, ["y"], timeout=30))
            await asyncio.wait_for(held.reached.wait(), 5)
        await until(task.done)
        assert task.cancelled() or task.exception() is not None


@pytest.mark.parametrize("name", sorted(DTYPES))
def test_every_type_has_one_name(name: str) -> None:
    request = infer_request("m", {"x": np.ones((1, 2), DTYPES[name])}, [])
    assert request.inputs[0].datatype == name
    assert DATATYPES[DTYPES[name]] == name


def test_what_is_not_contiguous_is_sent_in_order() -> None:
    array = np.arange(12, dtype=np.int32).reshape(3, 4)[:, ::2].T
    request = infer_request("m", {"x": array}, [])
    sent = np.frombuffer(request.raw_input_contents[0], np.int32).reshape(tuple(request.inputs[0].shape))
    np.testing.assert_array_equal(sent, array)


def test_a_model_that_takes_no_batch_gets_a_canary_without_one() -> None:
    config = parse_config(CONFIG.replace("max_batch_size: 8", "max_batch_size: 0"))
    assert list(canary_request(config).inputs[0].shape) == [3]


def test_a_model_without_warmup_has_no_canary() -> None:
    with pytest.raises(ValueError, match="no model_warmup"):
        canary_request(parse_config('name: "m"'))


def test_a_configuration_survives_being_written_and_read() -> None:
    config = parse_config(CONFIG)
    assert parse_config(format_config(config)) == config
    assert datatype_name(config.input[0].data_type) == "INT16"


async def _infer_until_it_fails(client: TritonClient) -> Exception:
    while True:
        try:
            await client.infer("doubler", {"x": X}, ["y"], timeout=2)
        except Exception as error:
            return error
