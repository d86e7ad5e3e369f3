"""Ray Serve with its dynamic batching: one replica, whose model runs in threads beside its event loop."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor

import ray
from ray import serve
from ready import CORES, Classifier, Embedder, decode, frame
from starlette.requests import Request

BATCH, WAIT = 16, 0.002


class Batched:
    def __init__(self):
        self._work = ThreadPoolExecutor(CORES)

    async def _in_thread(self, function, *arguments):
        return await asyncio.get_running_loop().run_in_executor(self._work, function, *arguments)


@serve.deployment(max_ongoing_requests=128)
class Pictures(Batched):
    def __init__(self, read):
        super().__init__()
        self._read, self._classifier = read, Classifier()

    @serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=WAIT, max_concurrent_batches=CORES)
    async def _classify(self, bodies):
        return await self._in_thread(lambda: self._classifier([self._read(body) for body in bodies]))

    async def __call__(self, request: Request):
        return {"label": await self._classify(await request.body())}


@serve.deployment(max_ongoing_requests=128)
class Texts(Batched):
    def __init__(self):
        super().__init__()
        self._embedder = Embedder()

    @serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=WAIT, max_concurrent_batches=CORES)
    async def _embed(self, requests):
        return await self._in_thread(lambda: [one.tolist() for one in self._embedder.several(requests)])

    async def __call__(self, request: Request):
        return {"embeddings": await self._embed((await request.json())["texts"])}


def main() -> None:
    ray.init(num_cpus=8, include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(os.environ["BENCH_PORT"])})
    if os.environ["BENCH_SERVICE"] == "vision":
        apps = {"classify_jpeg": Pictures.bind(decode), "classify_raw": Pictures.bind(frame)}
    else:
        apps = {"embed_1": Texts.bind(), "embed_16": Texts.bind()}
    for name, app in apps.items():
        serve.run(app, name=name, route_prefix=f"/{name}")
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
