"""The embedded Triton's parts that need no Triton: command line, ports, runtime, log, leftovers, restarts."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sensorium_core.telemetry.switches import TelemetrySwitches
from sensorium_models.embedded.command import server_command
from sensorium_models.embedded.launcher import RestartBudget
from sensorium_models.embedded.logs import is_noteworthy
from sensorium_models.embedded.ports import PortTakenError, check_ports, open_folder
from sensorium_models.embedded.runtime import Runtime, RuntimeUnusableError, lay_out_backends, open_runtime
from sensorium_models.embedded.settings import TritonSettings
from sensorium_models.embedded.stubs import Stubs, clear_leftovers, new_prefix
from sensorium_models.embedded.watchdog import pause_after

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def command(setpriv: str | None = None, **settings: Any) -> tuple[tuple[str, ...], dict[str, str]]:
    made = server_command(
        Runtime(Path("/venv")),
        TritonSettings(grpc_port=18001, metrics_port=18002, **settings),
        repositories=[Path("/models/speech"), Path("/models/vision")],
        backends=Path("/backends"),
        shm_prefix="prefix-",
        setpriv=setpriv,
        admin_key="0123",
        telemetry=TelemetrySwitches.load(),
    )
    return made.arguments, made.environment


def test_every_repository_is_served_and_every_model_loaded() -> None:
    arguments, _ = command()
    assert arguments[0].endswith("/pytriton/tritonserver/bin/tritonserver")
    assert [each for each in arguments if each.startswith("--model-repository")] == [
        "--model-repository=/models/speech",
        "--model-repository=/models/vision",
    ]
    assert "--load-model=*" in arguments


def test_ports_are_as_set_and_http_stays_closed() -> None:
    arguments, _ = command()
    assert {"--grpc-port=18001", "--metrics-port=18002", "--allow-http=false"} <= set(arguments)


def test_what_changes_the_server_is_closed_to_who_lacks_its_key() -> None:
    arguments, _ = command()
    assert "--grpc-restricted-protocol=model-repository,shared-memory,trace,logging:sensorium=0123" in arguments


def test_traces_are_off_until_somebody_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments, environment = command()
    assert not [each for each in arguments if "trace-config" in each]
    assert not [each for each in environment if each.startswith("OTEL_")]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret")
    arguments, environment = command()
    assert [each for each in arguments if "trace-config" in each] == [
        "--trace-config=mode=opentelemetry",
        "--trace-config=level=TIMESTAMPS",
        "--trace-config=rate=0",
        "--trace-config=opentelemetry,url=http://c:4318/v1/traces",
        "--trace-config=opentelemetry,resource=service.name=triton",
    ]
    assert "secret" not in " ".join(arguments)  # every user of the machine can read them
    assert environment["OTEL_EXPORTER_OTLP_HEADERS"] == "api-key=secret"


def test_plain_text_and_mutual_tls() -> None:
    assert not [each for each in command()[0] if "ssl" in each or "cert" in each]
    arguments, _ = command(tls_certificate=Path("/t.crt"), tls_key=Path("/t.key"), tls_ca=Path("/ca.crt"))
    assert [each for each in arguments if "ssl" in each or "server-" in each or "root-" in each] == [
        "--grpc-use-ssl=true",
        "--grpc-use-ssl-mutual=true",
        "--grpc-server-cert=/t.crt",
        "--grpc-server-key=/t.key",
        "--grpc-root-cert=/ca.crt",
    ]


def test_a_socket_takes_the_place_of_the_port() -> None:
    arguments, _ = command(socket=Path("/run/s/triton"))
    assert {"--grpc-address=unix:/run/s/triton", "--grpc-port=18001"} <= set(arguments)
    assert TritonSettings(socket=Path("/run/s/triton"), grpc_port=18001).address == "unix:/run/s/triton:18001"
    assert TritonSettings(host="::1").address == "[::1]:8001"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "triton", ""])
def test_the_embedded_server_is_never_open_to_the_network(host: str) -> None:
    with pytest.raises(ValidationError, match="is no loopback address"):
        TritonSettings(host=host)


def test_half_of_tls_and_a_socket_that_is_too_long_are_refused() -> None:
    with pytest.raises(ValidationError, match="set all of SENSORIUM_TRITON_TLS_CERTIFICATE, "):
        TritonSettings(tls_certificate=Path("/t.crt"))
    with pytest.raises(ValidationError, match="too long for a Unix socket"):
        TritonSettings(socket=Path("/" + "x" * 100))


def test_the_folder_of_a_socket_is_for_this_user_alone(tmp_path: Path) -> None:
    open_folder(tmp_path / "new" / "triton")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    (tmp_path / "new").chmod(0o750)
    with pytest.raises(PortTakenError, match=r"other users can enter .*new.*SENSORIUM_TRITON_SOCKET"):
        open_folder(tmp_path / "new" / "triton")


def test_the_server_ends_by_itself_before_the_launcher_would_kill_it() -> None:
    arguments, _ = command()
    (exit_timeout,) = [each for each in arguments if each.startswith("--exit-timeout-secs=")]
    assert int(exit_timeout.partition("=")[2]) < TritonSettings().stop_timeout


def test_the_server_dies_with_its_launcher_where_the_system_can_arrange_it() -> None:
    arguments, _ = command(setpriv="/usr/bin/setpriv")
    assert arguments[:3] == ("/usr/bin/setpriv", "--pdeathsig", "KILL")


def test_the_environment_is_complete_and_private() -> None:
    _, environment = command()
    assert environment["PATH"].startswith("/venv/bin:")
    assert environment["LD_LIBRARY_PATH"].endswith("/nvidia_pytriton.libs")
    assert environment["ORT_DISABLE_TELEMETRY"] == "1"


@pytest.mark.parametrize("field", ["grpc_port", "metrics_port"])
def test_a_taken_port_is_named_with_the_setting_that_moves_it(field: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
        port, other = taken.getsockname()[1], free.getsockname()[1]
        free.close()
        ports = {"grpc_port": other, "metrics_port": other} | {field: port}
        with pytest.raises(PortTakenError, match=rf"127\.0\.0\.1:{port} .*SENSORIUM_TRITON_{field.upper()}"):
            check_ports(TritonSettings(**ports))


def install(venv: Path, **versions: str) -> None:
    site = venv / "lib" / f"python{PYTHON}" / "site-packages"
    for name, version in versions.items():
        info = site / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")


def test_numpy_2_is_refused_because_it_would_return_wrong_arrays(tmp_path: Path) -> None:
    install(tmp_path, nvidia_pytriton="0.7.0", numpy="2.4.0", onnxruntime="1.31.1")
    with pytest.raises(RuntimeUnusableError, match=r"numpy 2\.4\.0: this Triton returns wrong arrays"):
        open_runtime(tmp_path)


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    install(tmp_path, nvidia_pytriton="0.7.0", numpy="1.26.4")
    with pytest.raises(RuntimeUnusableError, match="has no onnxruntime"):
        open_runtime(tmp_path)


def test_without_pythons_shared_library_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, nvidia_pytriton="0.7.0", numpy="1.26.4", onnxruntime="1.31.1")
    stub = Runtime(tmp_path).stub
    stub.parent.mkdir(parents=True)
    stub.touch()
    monkeypatch.setattr(Runtime, "libpython", tmp_path / "libpython.so")
    with pytest.raises(RuntimeUnusableError, match=rf"apt install libpython{PYTHON}"):
        open_runtime(tmp_path)


def test_the_backends_folder_holds_copies_and_is_left_alone_while_current(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path / "venv")
    python = runtime.triton / "backends" / "python"
    for path in (python / "libtriton_python.so", python / "triton_python_backend_utils.py", runtime.stub):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    target = lay_out_backends(runtime, tmp_path / "backends")
    files = sorted(path for path in target.rglob("*") if path.is_file())
    assert [path.relative_to(target).as_posix() for path in files] == [
        "onnxruntime/model.py",
        "python/libtriton_python.so",
        "python/triton_python_backend_stub",
        "python/triton_python_backend_utils.py",
    ]
    assert not any(path.is_symlink() for path in files)
    before = [path.stat().st_ino for path in files]
    lay_out_backends(runtime, target)
    assert [path.stat().st_ino for path in files] == before


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('I1122 03:07:53.262399 5670 model_lifecycle.cc:472] "loading: efficientnet_lite0:1"', False),
        ("I1122 03:07:54.422681 5670 server.cc:604]", False),
        ('E1122 03:07:53.258049 5670 server.cc:241] "CudaDriverHelper has not been initialized."', False),
        ("| Model                    | Version | Status |", False),
        ("+--------------------------+---------+--------+", False),
        ("", False),
        ("E1122 03:07:29.191637 5639 model_lifecycle.cc:642] \"failed to load 'net' version 1\"", True),
        ('W1122 03:07:29.191637 5639 model_lifecycle.cc:642] "something odd"', True),
        ("error: creating server: Internal - failed to load all models", True),
        ("Traceback (most recent call last):", True),
    ],
)
def test_only_what_a_person_should_see_is_shown_of_the_log(line: str, wanted: bool) -> None:
    assert is_noteworthy(line) is wanted


def test_restarts_are_counted_within_a_window() -> None:
    budget = RestartBudget(2, 60.0)
    assert [budget.spend(now) for now in (0.0, 10.0, 20.0)] == [True, True, False]
    assert budget.spend(75.0)


def test_a_heavy_model_is_asked_less_often_but_often_enough() -> None:
    assert [pause_after(seconds) for seconds in (0.001, 0.04, 3.0)] == [1.0, 2.0, 5.0]


def fake_process(proc: Path, pid: int, *arguments: str) -> None:
    (proc / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "cmdline").write_bytes(b"".join(each.encode() + b"\0" for each in arguments))


def test_shared_memory_is_removed_only_where_no_process_uses_it(tmp_path: Path) -> None:
    proc, shm = tmp_path / "proc", tmp_path / "shm"
    shm.mkdir()
    for name in ("mine-used", "mine-orphaned", "other"):
        (shm / name).touch()
    fake_process(proc, 1, "/b/python/triton_python_backend_stub", "/r/net/1/model.onnx", "mine-used", "1", "1", "7")
    Stubs("mine-", proc, shm).sweep()
    assert sorted(path.name for path in shm.iterdir()) == ["mine-used", "other"]


def start_stub(folder: Path, model: str, prefix: str) -> subprocess.Popen[bytes]:
    """A process that looks like the stub of `model` and sleeps."""
    script = folder / model / "1" / "model.onnx"
    script.parent.mkdir(parents=True)
    script.write_text("import time; time.sleep(60)")
    return subprocess.Popen(["triton_python_backend_stub", script, f"{prefix}{model}"], executable=sys.executable)


def test_the_stub_of_one_model_is_killed_and_no_other(tmp_path: Path) -> None:
    prefix = new_prefix()
    started = [start_stub(tmp_path, model, prefix) for model in ("net", "other")]
    try:
        Stubs(prefix).kill("net")
        assert started[0].wait(5) == -signal.SIGKILL
        assert started[1].poll() is None
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_what_a_killed_launcher_left_is_cleared_and_a_living_ones_is_not(tmp_path: Path) -> None:
    shm = tmp_path / "shm"
    shm.mkdir()
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    living = f"sensorium-{os.getpid()}-abc-1"
    for name in (f"sensorium-{gone.pid}-abc-1", living, "psm_other"):
        (shm / name).touch()
    clear_leftovers(shm=shm)
    assert sorted(path.name for path in shm.iterdir()) == ["psm_other", living]


def test_prefixes_never_repeat() -> None:
    assert new_prefix() != new_prefix()
