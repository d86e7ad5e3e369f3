"""Triton's errors in this project's terms, each as a real server sends it."""

from __future__ import annotations

from typing import Any

import grpc
import numpy as np
import pytest

from sensorium_core.errors import SensoriumError
from sensorium_core.triton import TritonClient
from unit.core.triton.scripted import ScriptedTriton

CODE = grpc.StatusCode
# What Triton 2.51 says (facts/triton-embedded.md), and what a caller is told.
CASES: list[tuple[grpc.StatusCode, str, grpc.StatusCode, str]] = [
    (CODE.UNAVAILABLE, "[request id: 1] Exceeds maximum queue size", CODE.RESOURCE_EXHAUSTED, "MODEL_QUEUE_FULL"),
    (CODE.UNAVAILABLE, "Request timeout expired", CODE.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
    (CODE.DEADLINE_EXCEEDED, "Deadline Exceeded", CODE.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
    (CODE.UNAVAILABLE, "failed to connect to all addresses", CODE.UNAVAILABLE, "TRITON_UNAVAILABLE"),
    (CODE.UNAVAILABLE, "", CODE.UNAVAILABLE, "TRITON_UNAVAILABLE"),
    (
        CODE.NOT_FOUND,
        "Request for unknown model: 'doubler' has no available versions",
        CODE.UNAVAILABLE,
        "MODEL_UNAVAILABLE",
    ),
    (CODE.INTERNAL, "Stub process 'doubler_0_0' is not healthy.", CODE.UNAVAILABLE, "MODEL_UNAVAILABLE"),
    (
        CODE.INTERNAL,
        "Failed to process the request(s) for model instance 'doubler_0', message: Stub process is not healthy",
        CODE.UNAVAILABLE,
        "MODEL_UNAVAILABLE",
    ),
    (
        CODE.INTERNAL,
        "Failed to increase the shared memory pool size for key 'sensorium-1' to 1048576 bytes. "
        "If you are running Triton inside docker, use '--shm-size' flag. Error: No space left on device",
        CODE.RESOURCE_EXHAUSTED,
        "SHARED_MEMORY_FULL",
    ),
    (CODE.INTERNAL, "ValueError: /opt/models/doubler/1/model.py(42): secret", CODE.INTERNAL, "INTERNAL"),
    (CODE.INVALID_ARGUMENT, "unexpected shape for input 'x'", CODE.INTERNAL, "INTERNAL"),
    (CODE.UNIMPLEMENTED, "no such method", CODE.INTERNAL, "INTERNAL"),
    (CODE.RESOURCE_EXHAUSTED, "received message larger than max", CODE.INTERNAL, "INTERNAL"),
]


@pytest.mark.parametrize(("code", "text", "told", "reason"), CASES, ids=[f"{c[0].name}-{c[1][:24]}" for c in CASES])
async def test_each_message_has_its_meaning(
    client: TritonClient,
    triton: ScriptedTriton,
    logs: list[Any],
    *,
    code: grpc.StatusCode,
    text: str,
    told: grpc.StatusCode,
    reason: str,
) -> None:
    triton.failures["ModelInfer"] = (code, text)
    with pytest.raises(SensoriumError) as caught:
        await client.infer("doubler", {"x": np.zeros((1, 3), np.int16)}, ["y"], timeout=5)
    assert (caught.value.code, caught.value.reason) == (told, reason)
    assert not text or text not in caught.value.message
    *_, entry = logs
    assert (entry["log_level"], entry["triton_message"]) == ("error" if reason == "INTERNAL" else "debug", text)
    assert entry["model"] == "doubler"
