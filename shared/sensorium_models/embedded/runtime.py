"""What Triton runs in: a venv of its own with numpy 1, and a backends folder with our ONNX Runtime backend.

The Python backend's process of this Triton is compiled against numpy 1. With numpy 2 it returns wrong arrays without an
error, so the services' venv cannot serve, and a venv with numpy 2 is refused.
"""

import hashlib
import importlib.metadata
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["REQUIREMENTS", "Runtime", "RuntimeUnusableError", "ensure_runtime", "lay_out_backends", "open_runtime"]

REQUIREMENTS = ("nvidia-pytriton==0.7.0", "numpy>=1.26,<2", "onnxruntime>=1.24,<2")
# pytriton's own requirements are for its Python interface, which is not used: they would add 30 packages.
_WITHOUT_DEPENDENCIES = REQUIREMENTS[:1]
_INSTALL_TIMEOUT_S = 900
_STAMP = "sensorium-runtime.sha256"


class RuntimeUnusableError(Exception):
    """The runtime venv cannot be made, or must not be used as it is."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """Where the parts of an installed Triton lie."""

    venv: Path

    @property
    def site(self) -> Path:
        """The venv's site-packages."""
        return self.venv / "lib" / f"python{_python()}" / "site-packages"

    @property
    def triton(self) -> Path:
        """The server with its backends, stubs and caches."""
        return self.site / "pytriton" / "tritonserver"

    @property
    def stub(self) -> Path:
        """The Python backend's process for this Python."""
        return self.triton / "python_backend_stubs" / _python() / "triton_python_backend_stub"

    @property
    def libpython(self) -> Path:
        """The shared library of this Python, which the stub runs; Debian packages it apart from Python itself."""
        return Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME"))

    @property
    def libraries(self) -> tuple[Path, ...]:
        """Folders the server finds its libraries in; without libpython's the start would hang instead of failing."""
        return self.libpython.parent, self.site / "nvidia_pytriton.libs"


def ensure_runtime(venv: Path, *, report: Callable[[str], None] = print) -> Runtime:
    """The runtime in `venv`, made or renewed where it is missing or older than `REQUIREMENTS`.

    Raises:
        RuntimeUnusableError: pip failed, or what is installed must not be used.
    """
    stamp = venv / _STAMP
    if not stamp.is_file() or stamp.read_text() != _stamp():
        report(f"Making Triton's runtime venv {venv} (about 320 MB, once) ...")
        _make(venv)
        stamp.write_text(_stamp())
        report(f"Triton's runtime venv is ready: {', '.join(REQUIREMENTS)}")
    return open_runtime(venv)


def open_runtime(venv: Path) -> Runtime:
    """The runtime in `venv`, checked.

    Raises:
        RuntimeUnusableError: A package is missing, numpy is 2 or later, Triton has no stub for this Python, or Python's
            shared library is missing, without which the start would hang.
    """
    runtime = Runtime(venv.absolute())
    installed = {dist.name.lower(): dist.version for dist in importlib.metadata.distributions(path=[str(runtime.site)])}
    for name in ("nvidia-pytriton", "numpy", "onnxruntime"):
        if name not in installed:
            raise RuntimeUnusableError(f"{venv} has no {name}: delete the folder and start again")
    if int(installed["numpy"].partition(".")[0]) >= 2:
        raise RuntimeUnusableError(
            f"{venv} has numpy {installed['numpy']}: this Triton returns wrong arrays with numpy 2 or later; "
            "delete the folder and start again"
        )
    if not runtime.stub.is_file():
        raise RuntimeUnusableError(f"Triton has no Python backend for Python {_python()}: no {runtime.stub}")
    if not runtime.libpython.is_file():
        raise RuntimeUnusableError(
            f"Triton needs Python's shared library {runtime.libpython}; on Debian: apt install libpython{_python()}"
        )
    return runtime


def lay_out_backends(runtime: Runtime, target: Path) -> Path:
    """Put the Python backend and our `onnxruntime` backend below `target` and return it as an absolute path.

    Files are copied: Triton refuses a backend library that is a link out of its folder. A file that is already there
    and the same is left alone, so that a running server's is not pulled from under it.
    """
    shim = Path(__file__).with_name("backend_onnxruntime") / "model.py"
    python = runtime.triton / "backends" / "python"
    files = {
        target / "python" / "libtriton_python.so": python / "libtriton_python.so",
        target / "python" / "triton_python_backend_utils.py": python / "triton_python_backend_utils.py",
        target / "python" / "triton_python_backend_stub": runtime.stub,
        target / "onnxruntime" / "model.py": shim,
    }
    for copy, original in files.items():
        if not copy.is_file() or copy.read_bytes() != original.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            fresh = copy.with_name(f"{copy.name}.new")
            shutil.copy2(original, fresh)
            fresh.rename(copy)
    return target.absolute()


def _make(venv: Path) -> None:
    _run([sys.executable, "-m", "venv", "--clear", str(venv)])
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _run([*pip, "--no-deps", *_WITHOUT_DEPENDENCIES])
    _run([*pip, *(each for each in REQUIREMENTS if each not in _WITHOUT_DEPENDENCIES)])


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False)  # noqa: S603 - fixed commands
    except subprocess.TimeoutExpired as error:
        raise RuntimeUnusableError(f"{' '.join(command)} took longer than {_INSTALL_TIMEOUT_S} s") from error
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise RuntimeUnusableError(f"{' '.join(command)} failed: {reason}")


def _stamp() -> str:
    return hashlib.sha256("\n".join((_python(), *REQUIREMENTS)).encode()).hexdigest()


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
