"""The Moonshine library, whose model this suite's is made of, behind FastAPI; a transcriber for each core."""

import asyncio
import io
import os
import threading
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from fastapi import FastAPI, Request
from moonshine_voice import ModelArch, Transcriber

app = FastAPI()
CORES = len(os.sched_getaffinity(0))
(MODEL,) = Path(os.environ["BENCH_CACHE"]).glob("moonshine_voice-*/moonshine_voice/assets/tiny-en")
local = threading.local()


def transcriber() -> Transcriber:
    if not hasattr(local, "transcriber"):
        local.transcriber = Transcriber(str(MODEL), ModelArch.TINY)
    return local.transcriber


def transcribe(content: bytes) -> str:
    with wave.open(io.BytesIO(content)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    found = transcriber().transcribe_without_streaming((samples / 32768).tolist(), 16_000)
    return " ".join(line.text for line in found.lines)


work = ThreadPoolExecutor(CORES)


@app.post("/transcribe")
async def serve(request: Request):
    body = await request.body()
    return {"text": await asyncio.get_running_loop().run_in_executor(work, transcribe, body)}
