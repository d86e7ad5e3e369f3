"""How each kind of system is asked, and how its answers are read. Answers are those that `workloads` expects."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from tritonclient.grpc import service_pb2

from bench.comparison.links import Target
from bench.comparison.workloads import EMBEDDER, SMALL, token_ids, wav_file
from sensorium.speech.v1 import speech_service_pb2
from sensorium.text.v1 import text_service_pb2
from sensorium.type.v1 import audio_pb2, image_pb2
from sensorium.vision.v1 import vision_service_pb2
from sensorium_core.triton import DTYPES, infer_request
from sensorium_text.sequences._model import padded, padded_length

__all__ = ["DIALECTS", "Dialect"]

Headers = tuple[tuple[str, str], ...]


class Dialect(Protocol):
    """A way to ask."""

    def target(self, workload: str, port: int) -> Target:
        """Where requests of a workload go."""
        ...

    def encode(self, workload: str, item: Any) -> bytes:
        """A request."""
        ...

    def decode(self, workload: str, body: bytes) -> Any:
        """The answer in a response."""
        ...


class _Suite:
    """The contracts of this project."""

    # An id of its own for each call would be told back, and equal headers are read faster.
    _headers = (("x-request-id", "bench"),)
    _methods: Mapping[str, tuple[str, Any]] = {
        "classify_jpeg": ("vision.v1.VisionService/Classify", vision_service_pb2.ClassifyResponse),
        "classify_raw": ("vision.v1.VisionService/Classify", vision_service_pb2.ClassifyResponse),
        "read_text": ("vision.v1.VisionService/ReadText", vision_service_pb2.ReadTextResponse),
        "embed_1": ("text.v1.TextService/Embed", text_service_pb2.EmbedResponse),
        "embed_16": ("text.v1.TextService/Embed", text_service_pb2.EmbedResponse),
        "small": ("text.v1.TextService/Classify", text_service_pb2.ClassifyResponse),
        "transcribe": ("speech.v1.SpeechService/Recognize", speech_service_pb2.RecognizeResponse),
    }

    def target(self, workload: str, port: int) -> Target:
        return Target("grpc", port, f"/sensorium.{self._methods[workload][0]}", self._headers)

    def encode(self, workload: str, item: Any) -> bytes:
        return bytes(_suite_request(workload, item).SerializeToString())

    def decode(self, workload: str, body: bytes) -> Any:
        response = self._methods[workload][1].FromString(body)
        match workload:
            case "classify_jpeg" | "classify_raw":
                return response.labels[0].index
            case "read_text":
                return tuple(line.text for line in response.lines)
            case "embed_1" | "embed_16":
                return np.array([list(one.values) for one in response.embeddings], np.float32)
            case "small":
                return response.classifications[0].labels[0].index
        return " ".join(result.alternatives[0].transcript for result in response.results)


def _suite_request(workload: str, item: Any) -> Any:
    match workload:
        case "classify_jpeg":
            options = vision_service_pb2.ClassifyOptions(top_k=1)
            return vision_service_pb2.ClassifyRequest(image=image_pb2.Image(encoded=item), options=options)
        case "classify_raw":
            frame = image_pb2.RawFrame(
                width=item.shape[1],
                height=item.shape[0],
                pixel_format=image_pb2.PIXEL_FORMAT_RGB8,
                data=item.tobytes(),
            )
            options = vision_service_pb2.ClassifyOptions(top_k=1)
            return vision_service_pb2.ClassifyRequest(image=image_pb2.Image(raw_frame=frame), options=options)
        case "read_text":
            return vision_service_pb2.ReadTextRequest(image=image_pb2.Image(encoded=item))
        case "embed_1" | "embed_16":
            return text_service_pb2.EmbedRequest(texts=item, options=text_service_pb2.EmbedOptions(model=EMBEDDER))
        case "small":
            options_ = text_service_pb2.ClassifyOptions(model=SMALL, top_k=1)
            return text_service_pb2.ClassifyRequest(texts=item, options=options_)
    # The library that this is compared with gives no times of words.
    features = speech_service_pb2.RecognitionFeatures(enable_word_time_offsets=False)
    config = speech_service_pb2.RecognitionConfig(features=features)
    return speech_service_pb2.RecognizeRequest(audio=audio_pb2.Audio(encoded=wav_file(item)), config=config)


class _Model(NamedTuple):
    name: str
    output: str


class _Triton:
    """The KServe protocol with tensors that are ready: nothing is decoded and nothing is tokenized."""

    _path = "/inference.GRPCInferenceService/ModelInfer"
    _models: Mapping[str, _Model] = {
        "classify_raw": _Model("efficientnet_lite0", "probabilities"),
        "embed_1": _Model(EMBEDDER, "embedding"),
        "embed_16": _Model(EMBEDDER, "embedding"),
        "small": _Model(SMALL, "probabilities"),
    }

    def target(self, workload: str, port: int) -> Target:
        return Target("grpc", port, self._path)

    def encode(self, workload: str, item: Any) -> bytes:
        model = self._models[workload]
        request = infer_request(model.name, self.tensors(workload, item), [model.output])
        return bytes(request.SerializeToString())

    def decode(self, workload: str, body: bytes) -> Any:
        response = service_pb2.ModelInferResponse.FromString(body)
        (tensor,), (raw,) = response.outputs, response.raw_output_contents
        values = np.frombuffer(raw, DTYPES[tensor.datatype]).reshape(tuple(tensor.shape))
        return values if workload.startswith("embed") else int(values[0].argmax())

    def tensors(self, workload: str, item: Any) -> dict[str, Any]:
        """The inputs of the model."""
        if workload == "classify_raw":
            return {"image": item[np.newaxis]}
        ids = token_ids(self._models[workload].name, item)
        return {"input_ids": padded(ids, padded_length(max(map(len, ids))))}


class _MlServer:
    """The KServe protocol as MLServer has it: the server decodes and tokenizes; files, pixels and texts are BYTES."""

    _path = "/inference.GRPCInferenceService/ModelInfer"

    def target(self, workload: str, port: int) -> Target:
        return Target("grpc", port, self._path)

    def encode(self, workload: str, item: Any) -> bytes:
        match workload:
            case "classify_jpeg":
                contents = [item]
            case "classify_raw":
                contents = [item.tobytes()]
            case _:
                contents = [text.encode() for text in item]
        request = service_pb2.ModelInferRequest(model_name=workload)
        tensor = request.inputs.add(name="input", datatype="BYTES", shape=[len(contents), 1])
        tensor.contents.bytes_contents.extend(contents)
        return bytes(request.SerializeToString())

    def decode(self, workload: str, body: bytes) -> Any:
        (tensor,) = service_pb2.ModelInferResponse.FromString(body).outputs
        contents = tensor.contents.fp32_contents or tensor.contents.int64_contents
        values = np.array(contents).reshape(tuple(tensor.shape))
        return values if workload.startswith("embed") else int(values.ravel()[0])


class _Http:
    """A path for each workload; files and pixels as they are, texts and answers as JSON."""

    def target(self, workload: str, port: int) -> Target:
        return Target("http", port, f"/{workload}", (("content-type", _CONTENT_TYPES[workload]),))

    def encode(self, workload: str, item: Any) -> bytes:
        match workload:
            case "classify_raw":
                return bytes(item.tobytes())
            case "embed_1" | "embed_16":
                return json.dumps({"texts": item}).encode()
            case "transcribe":
                return wav_file(item)
        return bytes(item)

    def decode(self, workload: str, body: bytes) -> Any:
        answer = json.loads(body)
        match workload:
            case "embed_1" | "embed_16":
                return np.array(answer["embeddings"], np.float32)
            case "read_text":
                return tuple(answer["lines"])
            case "transcribe":
                return answer["text"]
        return answer["label"]


_CONTENT_TYPES = {
    "classify_jpeg": "image/jpeg",
    "classify_raw": "application/octet-stream",
    "embed_1": "application/json",
    "embed_16": "application/json",
    "read_text": "image/jpeg",
    "transcribe": "audio/wav",
}


class _Forms(_Http):
    """The same, but files come in forms (RFC 7578)."""

    _boundary = "----bench"

    def target(self, workload: str, port: int) -> Target:
        if workload.startswith("embed"):
            return super().target(workload, port)
        content_type = f"multipart/form-data; boundary={self._boundary}"
        return Target("http", port, f"/{workload}", (("content-type", content_type),))

    def encode(self, workload: str, item: Any) -> bytes:
        content = super().encode(workload, item)
        if workload.startswith("embed"):
            return content
        head = (
            f"--{self._boundary}\r\n"
            'content-disposition: form-data; name="content"; filename="content"\r\n'
            f"content-type: {_CONTENT_TYPES[workload]}\r\n\r\n"
        )
        return head.encode() + content + f"\r\n--{self._boundary}--\r\n".encode()


class _Bento(_Forms):
    """Batches of requests that are batches themselves; answers are lists."""

    def decode(self, workload: str, body: bytes) -> Any:
        answer = json.loads(body)
        return np.array(answer, np.float32) if workload.startswith("embed") else answer[0]


class _Infinity:
    """OpenAI's embeddings, as infinity has them."""

    def target(self, workload: str, port: int) -> Target:
        return Target("http", port, "/embeddings", (("content-type", "application/json"),))

    def encode(self, workload: str, item: Sequence[str]) -> bytes:
        return json.dumps({"model": EMBEDDER, "input": list(item)}).encode()

    def decode(self, workload: str, body: bytes) -> Any:
        found = sorted(json.loads(body)["data"], key=lambda one: one["index"])
        return np.array([one["embedding"] for one in found], np.float32)


DIALECTS: Mapping[str, Dialect] = {
    "suite": _Suite(),
    "triton": _Triton(),
    "mlserver": _MlServer(),
    "http": _Http(),
    "forms": _Forms(),
    "bentoml": _Bento(),
    "infinity": _Infinity(),
}
