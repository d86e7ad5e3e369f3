"""Seldon MLServer with adaptive batching and a worker process for each core. Files and pixels come as BYTES."""

import asyncio
import os

import numpy as np
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from ready import CORES, Classifier, Embedder, decode, frame

BATCH, WAIT = 16, 0.002


def contents(payload: InferenceRequest) -> list[bytes]:
    return list(payload.inputs[0].data)


class Pictures(MLModel):
    async def load(self) -> bool:
        self._classifier = Classifier()
        self._read = decode if self.name == "classify_jpeg" else frame
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        labels = self._classifier([self._read(one) for one in contents(payload)])
        output = NumpyCodec.encode_output("label", np.array(labels, np.int64)[:, np.newaxis])
        return InferenceResponse(model_name=self.name, outputs=[output])


class Texts(MLModel):
    async def load(self) -> bool:
        self._embedder = Embedder()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        texts = [one.decode() if isinstance(one, bytes) else one for one in contents(payload)]
        output = NumpyCodec.encode_output("embedding", self._embedder(texts))
        return InferenceResponse(model_name=self.name, outputs=[output])


async def main() -> None:
    http, metrics, _ = map(int, os.environ["BENCH_SPARE_PORTS"].split())
    settings = Settings(
        host="127.0.0.1",
        http_port=http,
        grpc_port=int(os.environ["BENCH_PORT"]),
        metrics_port=metrics,
        parallel_workers=CORES,
        debug=False,
    )
    vision = os.environ["BENCH_SERVICE"] == "vision"
    names = ("classify_jpeg", "classify_raw") if vision else ("embed_1", "embed_16")
    models = [
        ModelSettings(
            name=name,
            implementation=f"mlserver_server.{'Pictures' if vision else 'Texts'}",
            max_batch_size=BATCH,
            max_batch_time=WAIT,
        )
        for name in names
    ]
    await MLServer(settings).start(models)


if __name__ == "__main__":
    asyncio.run(main())
