"""The machine that the figures belong to."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2

__all__ = ["describe"]

_PACKAGES = ("grpcio", "numpy", "onnxruntime", "opencv-python-headless", "protobuf", "tritonclient", "uvloop")


def describe() -> dict[str, Any]:
    """Processor, memory, system, versions, and how busy the machine was at the start."""
    processor = _fields("/proc/cpuinfo")
    return {
        "processor": processor.get("model name", platform.processor()),
        "cores": len(os.sched_getaffinity(0)),
        "vector extensions": [
            name for name in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if name in processor.get("flags", "")
        ],
        "memory_gib": round(int(_fields("/proc/meminfo")["MemTotal"].split()[0]) / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "jpeg decoder": _jpeg_decoder(),
        "load_average": Path("/proc/loadavg").read_text().split()[0],
    }


def _fields(path: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in Path(path).read_text().splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _jpeg_decoder() -> str:
    lines = cv2.getBuildInformation().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.strip().startswith("JPEG:")), "unknown")
