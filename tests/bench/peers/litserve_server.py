"""LitServe with its dynamic batching: a worker for each core, and the fast queue."""

import os

import litserve
from ready import CORES, Classifier, Embedder, decode, frame

BATCH, WAIT = 16, 0.002


class Pictures(litserve.LitAPI):
    """Files come as forms: what LitServe has for binary data."""

    def __init__(self, read, **options):
        super().__init__(max_batch_size=BATCH, batch_timeout=WAIT, **options)
        self._read = read

    def setup(self, device):
        self._classifier = Classifier()

    def decode_request(self, request):
        return self._read(request["content"].file.read())

    def batch(self, pictures):
        return pictures

    def unbatch(self, labels):
        return labels

    def predict(self, pictures):
        return self._classifier(pictures)

    def encode_response(self, label):
        return {"label": label}


class Texts(litserve.LitAPI):
    def setup(self, device):
        self._embedder = Embedder()

    def decode_request(self, request):
        return request["texts"]

    def batch(self, requests):
        return requests

    def unbatch(self, found):
        return found

    def predict(self, requests):
        return self._embedder.several(requests)

    def encode_response(self, found):
        return {"embeddings": found.tolist()}


def main() -> None:
    if os.environ["BENCH_SERVICE"] == "vision":
        apis = [
            Pictures(decode, api_path="/classify_jpeg"),
            Pictures(frame, api_path="/classify_raw"),
        ]
    else:
        apis = [Texts(max_batch_size=BATCH, batch_timeout=WAIT, api_path=f"/embed_{count}") for count in (1, 16)]
    server = litserve.LitServer(apis, accelerator="cpu", workers_per_device=CORES, fast_queue=True)
    server.run(port=int(os.environ["BENCH_PORT"]), generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
