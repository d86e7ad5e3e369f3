"""Another process that tries to get in: called with JSON, prints what each attempt got as JSON.

An attempt: `method`, `tls` (ca, certificate, key; files), `metadata` (pairs), or `scrape` for the metrics.
"""

from __future__ import annotations

import json
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc import error_details_pb2
from grpc_status import rpc_status

OPTIONS = (("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1))
ECHO = "/sensorium.test.v1.Echo/Unary"


def main() -> None:
    given = json.loads(sys.argv[1])
    results = [_attempt(given, attempt) for attempt in given["attempts"]]
    sys.stdout.write(json.dumps(results))


def _attempt(given: dict[str, str], attempt: dict[str, Any]) -> str:
    if attempt.get("scrape"):
        return _scrape(given["metrics"], attempt)
    metadata = tuple((key, value) for key, value in attempt.get("metadata", ()))
    text = StringValue(value="let me in").SerializeToString()
    method = attempt.get("method", ECHO)
    with _channel(given["address"], attempt.get("tls")) as channel:
        unary: Any = channel.unary_unary(method)
        stream: Any = channel.stream_stream(method)
        try:
            if attempt.get("stream"):
                list(stream(iter([text]), timeout=5, metadata=metadata))
            else:
                unary(text, timeout=5, metadata=metadata)
        except grpc.RpcError as error:
            return " ".join(filter(None, (error.code().name, _reason(error))))
    return "OK"


def _channel(address: str, tls: dict[str, str] | None) -> grpc.Channel:
    if tls is None:
        return grpc.insecure_channel(address, OPTIONS)
    parts = [Path(tls[name]).read_bytes() if name in tls else None for name in ("ca", "key", "certificate")]
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(*parts), OPTIONS)


def _reason(error: Any) -> str:
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    for detail in status.details if status else ():
        detail.Unpack(info)
    return str(info.reason)


def _scrape(address: str, attempt: dict[str, Any]) -> str:
    tls, context = attempt.get("tls"), None
    if tls is not None:
        context = ssl.create_default_context(cafile=tls["ca"])
        if "certificate" in tls:
            context.load_cert_chain(tls["certificate"], tls["key"])
    scheme = "https" if context else "http"
    headers = dict(attempt.get("metadata", ()))
    try:
        request = urllib.request.Request(f"{scheme}://{address}/metrics", headers=headers)
        with urllib.request.urlopen(request, context=context, timeout=5):
            return "OK"
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError:
        return "NO CONNECTION"


main()
