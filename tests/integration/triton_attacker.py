"""Another process that asks a Triton for what only its launcher may have; prints the codes by method, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import grpc
from tritonclient.grpc import service_pb2 as pb
from tritonclient.grpc import service_pb2_grpc


def main() -> None:
    given = json.loads(sys.argv[1])
    tls = {name: Path(path).read_bytes() for name, path in given["tls"].items()}
    model = given["model"]
    requests = {
        "RepositoryIndex": pb.RepositoryIndexRequest(),
        "RepositoryModelLoad": pb.RepositoryModelLoadRequest(model_name=model),
        "RepositoryModelUnload": pb.RepositoryModelUnloadRequest(model_name=model),
        "SystemSharedMemoryStatus": pb.SystemSharedMemoryStatusRequest(),
        "SystemSharedMemoryRegister": pb.SystemSharedMemoryRegisterRequest(name="x", key="/x", byte_size=8),
        "SystemSharedMemoryUnregister": pb.SystemSharedMemoryUnregisterRequest(),
        "CudaSharedMemoryStatus": pb.CudaSharedMemoryStatusRequest(),
        "TraceSetting": pb.TraceSettingRequest(),
        "LogSettings": pb.LogSettingsRequest(),
        "ModelStatistics": pb.ModelStatisticsRequest(),
        "ServerReady": pb.ServerReadyRequest(),
    }
    with _channel(given["address"], tls) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        results = {name: _ask(getattr(stub, name), request) for name, request in requests.items()}
    sys.stdout.write(json.dumps(results))


def _channel(address: str, tls: dict[str, bytes]) -> grpc.Channel:
    if not tls:
        return grpc.insecure_channel(address)
    credentials = grpc.ssl_channel_credentials(tls.get("ca"), tls.get("key"), tls.get("certificate"))
    return grpc.secure_channel(address, credentials)


def _ask(method: object, request: object) -> str:
    wrong_key = (("triton-grpc-protocol-sensorium", "0" * 64),)
    try:
        method(request, timeout=5, metadata=wrong_key)  # type: ignore[operator]  # tritonclient has no types
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


main()
