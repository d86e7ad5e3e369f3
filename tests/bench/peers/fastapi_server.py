"""FastAPI with ONNX Runtime in its own process: as many requests at a time as there are cores, none batched."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, Request
from pydantic import BaseModel
from ready import CORES, Classifier, Embedder, decode, frame

app = FastAPI()
work = ThreadPoolExecutor(CORES)


async def run(function, *arguments):
    return await asyncio.get_running_loop().run_in_executor(work, function, *arguments)


if os.environ["BENCH_SERVICE"] == "vision":
    classifier = Classifier()

    @app.post("/classify_jpeg")
    async def classify_jpeg(request: Request):
        body = await request.body()
        return {"label": (await run(lambda: classifier([decode(body)])))[0]}

    @app.post("/classify_raw")
    async def classify_raw(request: Request):
        body = await request.body()
        return {"label": (await run(lambda: classifier([frame(body)])))[0]}

else:
    embedder = Embedder()

    class Texts(BaseModel):
        texts: list[str]

    @app.post("/embed_1")
    @app.post("/embed_16")
    async def embed(request: Texts):
        return {"embeddings": await run(lambda: embedder(request.texts).tolist())}
