"""rapidocr, whose models this suite's are made of, behind FastAPI; as many pictures at a time as there are cores."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, Request
from rapidocr import RapidOCR
from ready import CORES

app = FastAPI()
# The longer side as this suite has it by default; threads of ONNX Runtime as measured best for all.
OPTIONS = {
    "Global.log_level": "warning",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
local = threading.local()


def read(jpeg: bytes) -> list[str]:
    if not hasattr(local, "engine"):
        local.engine = RapidOCR(params=OPTIONS)
    found = local.engine(jpeg)
    return list(found.txts or ())


work = ThreadPoolExecutor(CORES)


@app.post("/read_text")
async def read_text(request: Request):
    body = await request.body()
    return {"lines": await asyncio.get_running_loop().run_in_executor(work, read, body)}
