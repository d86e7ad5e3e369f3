from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import grpc
import numpy as np
import pytest
from google.protobuf import json_format
from typer.testing import CliRunner

from sensorium.type.v1 import model_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client.cli import app
from sensorium_client.cli._save import output_names
from sensorium_client.cli.vision._save import SUFFIXES
from unit.client.driver import Loop, Serve
from unit.client.scripted import Answer, Script, status

RUN = CliRunner()
NOWHERE = "127.0.0.1:1"
COMMAND = [sys.executable, "-c", "from sensorium_client.cli import main; main()"]


@pytest.fixture
def address(serve: Serve, script: Script) -> str:
    return serve(script)


@pytest.fixture
def run(address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SENSORIUM_VISION_ADDRESS", address)
    return lambda *args, **kwargs: RUN.invoke(app, ["vision", *map(str, args)], **kwargs)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Three files whose contents are their names."""
    files = [tmp_path / f"{name}.jpg" for name in ("one", "two", "three")]
    for file in files:
        file.write_bytes(file.stem.encode())
    return files


def png(width: int = 40, height: int = 30) -> bytes:
    return cv2.imencode(".png", np.full((height, width, 3), 128, np.uint8))[1].tobytes()


def echo(request: Any) -> Answer:
    """The picture's bytes as label; `two` fails."""
    if request.image.encoded == b"two":
        text = "the picture is cut short"
        return status(grpc.StatusCode.INVALID_ARGUMENT, text, reason="IMAGE_CORRUPT", request_id="r7")
    return pb.ClassifyResponse(labels=[pb.Label(name=request.image.encoded.decode(), score=0.5)])


def test_json_is_one_document_a_line_in_file_order(run: Any, script: Script, pictures: list[Path]) -> None:
    script.respond = echo
    done = run("classify", "--json", *pictures)
    assert done.exit_code == 1
    documents = [json_format.Parse(line, pb.ClassifyResponse()) for line in done.stdout.splitlines()]
    assert [document.labels[0].name for document in documents] == ["one", "three"]
    assert done.stderr == f"{pictures[1]}: the picture is cut short [IMAGE_CORRUPT, request r7]\n"


def test_json_keeps_characters_of_every_script(address: str, script: Script, pictures: list[Path]) -> None:
    script.always = pb.ReadTextResponse(lines=[pb.TextLine(text="额定功率 7.5kW")])
    args = [*COMMAND, "vision", "read-text", "--json", "--address", address, str(pictures[0])]
    done = subprocess.run(args, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout)["lines"][0]["text"] == "额定功率 7.5kW"
    assert done.stderr == b""


def test_a_person_reads_lines(run: Any, script: Script, pictures: list[Path]) -> None:
    script.respond = echo
    done = run("classify", *pictures)
    assert done.exit_code == 1
    assert f"{pictures[0]}  0 x 0, 0 ms" in done.stdout
    assert re.search(r"50\.0%\s+label\s+three", done.stdout)
    assert "IMAGE_CORRUPT" in done.stderr


def test_all_well(run: Any, script: Script, pictures: list[Path]) -> None:
    script.always = pb.ClassifyResponse()
    done = run("classify", *pictures)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.count("nothing found") == 3


def test_classify_options(run: Any, script: Script, pictures: list[Path]) -> None:
    script.always = pb.ClassifyResponse()
    context = ["--request-id", "r", "--meas-id", "m", "--part-id", "p", "--recipe-id", "c"]
    context += ["--product-id", "d", "--job-id", "j", "--station", "s"]
    options = ["--top-k", 3, "--min-score", 0.5, "--model", "net", "--region", "1,2,3,4", "--deadline", 9]
    assert run("classify", pictures[0], *options, *context).exit_code == 0
    (request,) = script.requests
    assert request.options == pb.ClassifyOptions(model="net", top_k=3, min_score=0.5)
    assert (request.image.region.x, request.image.region.height) == (1, 4)
    values = [getattr(request.context, field.name) for field in request.context.DESCRIPTOR.fields]
    assert values == ["r", "m", "p", "c", "d", "j", "s"]
    assert script.timeouts[0] == pytest.approx(9, abs=2)


def test_read_text_options(run: Any, script: Script, pictures: list[Path]) -> None:
    line = pb.TextLine(text="SN 1", confidence=0.75, matches_pattern=True)
    script.always = pb.ReadTextResponse(lines=[line, pb.TextLine(text="[b]x", matches_pattern=False)])
    options = ["--side-limit", 640, "--min-confidence", 0, "--expected-pattern", r"SN \d"]
    done = run("read-text", pictures[0], *options)
    wanted = pb.ReadTextOptions(side_limit=640, min_confidence=0.0, expected_pattern=r"SN \d")
    assert script.requests[0].options == wanted
    assert re.search(r"75\.0%\s+text\s+SN 1\s+matches\n", done.stdout)
    assert "[b]x  does not match" in done.stdout


def test_read_codes_options(run: Any, script: Script, pictures: list[Path]) -> None:
    codes = [pb.Code(symbology=pb.SYMBOLOGY_QR_CODE, text="hello", readable=True), pb.Code(), pb.Code(readable=True)]
    codes[2].raw_bytes = b"\x00\xff"
    script.always = pb.ReadCodesResponse(codes=codes)
    options = ["--symbology", "qr_code", "--symbology", "EAN-13", "--symbology", "qr-code", "--include-unreadable"]
    done = run("read-codes", pictures[0], *options)
    kinds = [pb.SYMBOLOGY_QR_CODE, pb.SYMBOLOGY_EAN_13]
    assert script.requests[0].options == pb.ReadCodesOptions(symbologies=kinds, include_unreadable=True)
    assert re.search(r"code\s+hello\s+QR CODE", done.stdout)
    assert "not readable" in done.stdout
    assert "00 ff" in done.stdout


def test_embed(run: Any, script: Script, pictures: list[Path]) -> None:
    script.always = pb.EmbedResponse(embedding=pb.Embedding(values=[0.5] * 6))
    done = run("embed", pictures[0], "--model", "net")
    assert script.requests[0].options.model == "net"
    assert "6 numbers: 0.5000, 0.5000, 0.5000, 0.5000, …" in done.stdout


def test_annotate_options(run: Any, script: Script, pictures: list[Path]) -> None:
    script.always = pb.AnnotateResponse(embedding=pb.Embedding(values=[1.0]), labels=[pb.Label(name="cup")])
    done = run("annotate", pictures[0])
    assert [field.name for field, _ in script.requests[0].options.ListFields()] == [
        "classify",
        "embed",
        "read_text",
        "read_codes",
    ]
    assert "cup" in done.stdout
    assert "1 numbers" in done.stdout
    some = ["--features", "read-text, classify", "--top-k", 2, "--expected-pattern", "x"]
    run("annotate", pictures[0], *some)
    wanted = pb.AnnotateOptions(
        classify=pb.ClassifyOptions(top_k=2), read_text=pb.ReadTextOptions(expected_pattern="x")
    )
    assert script.requests[1].options == wanted


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["classify"], "FILE"),
        (["classify", "x", "--top-k", "-1"], "--top-k"),
        (["classify", "x", "--region", "1,2,3"], "--region"),
        (["classify", "-", "-"], "standard input can be read once"),
        (["read-codes", "x", "--symbology", "rune"], "rune is not known"),
        (["annotate", "x", "--features", "smell"], "smell"),
        (["annotate", "x", "--features", ","], "at least one"),
        (["classify", "x", "--out", __file__], "is not a folder"),
        (["classify", "x", "--address", "a:1,b:2"], "several addresses must be IP"),
        (["classify", "-", "--address", ","], "no address"),
        (["models", "--address", ","], "no address"),
        (["paint", "x"], "paint"),
    ],
)
def test_wrong_usage_exits_2(run: Any, script: Script, args: list[str], told: str) -> None:
    done = run(*args)
    assert done.exit_code == 2
    assert told in re.sub(r"[│\s]+", " ", done.stderr)
    assert done.stdout == ""
    assert script.requests == []


def test_standard_input(run: Any, script: Script) -> None:
    script.respond = echo
    done = run("classify", "-", input=b"piped")
    assert "standard input" in done.stdout
    assert "piped" in done.stdout


def test_files_that_cannot_be_read(run: Any, script: Script, pictures: list[Path], tmp_path: Path) -> None:
    script.respond = echo
    done = run("classify", "--json", tmp_path / "none.jpg", pictures[0])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["labels"][0]["name"] == "one"
    assert done.stderr == f"{tmp_path / 'none.jpg'}: cannot read {tmp_path / 'none.jpg'}: " + (
        "No such file or directory [FILE_UNREADABLE]\n"
    )


def test_nobody_there_exits_3_soon(pictures: list[Path]) -> None:
    start = time.monotonic()
    done = RUN.invoke(app, ["vision", "classify", "--address", NOWHERE, "--json", *map(str, pictures * 50)])
    assert time.monotonic() - start < 5
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr.startswith(f"cannot reach the service at {NOWHERE}: Connection refused\nIs it running?")


def test_a_restart_midway_fails_files_and_not_the_rest(run: Any, script: Script, pictures: list[Path]) -> None:
    def answer(request: Any) -> Answer:
        return grpc.StatusCode.UNAVAILABLE if request.image.encoded == b"two" else echo(request)

    script.respond = answer
    done = run("classify", "--json", "--deadline", 0.5, *pictures)
    assert done.exit_code == 1
    assert [json.loads(line)["labels"][0]["name"] for line in done.stdout.splitlines()] == ["one", "three"]


def test_concurrency_is_bounded(run: Any, script: Script, pictures: list[Path]) -> None:
    script.respond = echo
    assert run("classify", "--concurrency", 1, pictures[0], pictures[2]).exit_code == 0
    assert [request.image.encoded for request in script.requests] == [b"one", b"three"]


def test_out_writes_json_and_pictures(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "plate.png"
    file.write_bytes(png())
    script.always = pb.ReadTextResponse(lines=[pb.TextLine(text="SN")])
    polygon = script.always.lines[0].polygon
    for x, y in ((2, 2), (20, 2), (20, 9), (2, 9)):
        polygon.vertices.add(x=x, y=y)
    out = tmp_path / "deep" / "out"
    done = run("read-text", "--out", out, "--json", file)
    assert done.exit_code == 0
    assert json_format.Parse((out / "plate.json").read_text(), pb.ReadTextResponse()) == script.always
    drawn = cv2.imread(str(out / "plate.png"))
    assert drawn is not None
    assert drawn.shape == (720, 960, 3)
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 10


def test_out_never_overwrites_an_input(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "cup.png"
    file.write_bytes(png())
    script.always = pb.ClassifyResponse()
    assert run("classify", "--out", tmp_path, file).exit_code == 0
    assert file.read_bytes() == png()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cup-2.json", "cup-2.png", "cup.png"]


def test_out_with_an_embedding_has_no_picture(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png())
    script.always = pb.EmbedResponse()
    run("embed", "--out", tmp_path / "out", file)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.json"]


def test_out_of_a_picture_that_only_the_service_can_decode(
    run: Any, script: Script, pictures: list[Path], tmp_path: Path
) -> None:
    script.always = pb.ClassifyResponse()
    done = run("classify", "--out", tmp_path / "out", pictures[0])
    assert done.exit_code == 1
    assert "cannot decode the picture to draw on it" in done.stderr
    assert (tmp_path / "out" / "one.json").exists()


def test_out_that_cannot_be_written(run: Any, script: Script, pictures: list[Path], tmp_path: Path) -> None:
    script.always = pb.ClassifyResponse()
    done = run("classify", "--out", pictures[1] / "out", pictures[0])
    assert done.exit_code == 1
    assert "cannot write to" in done.stderr


def test_same_stems_get_distinct_names() -> None:
    files = ["a/x.jpg", "b/x.png", "c/X.bmp", "-", "stdin.jpg", "a/x-2.jpg"]
    assert output_names(files, Path("out"), SUFFIXES) == ["x", "x-2", "X-3", "stdin", "stdin-2", "x-2-2"]
    assert output_names(["x.png", "y.json"], Path(), SUFFIXES) == ["x-2", "y-2"]


def test_models(run: Any, script: Script) -> None:
    model = model_pb2.Model(name="net", labels=["a", "b"], ready=True, license="MIT")
    model.capabilities.append(model_pb2.CAPABILITY_CODE_DETECTION)
    script.always = pb.ListModelsResponse(models=[model, model_pb2.Model(name="two")])
    done = run("models")
    assert done.exit_code == 0
    assert re.search(r"net\s+code detection\s+2\s+yes\s+MIT", done.stdout)
    documents = [json_format.Parse(line, model_pb2.Model()) for line in run("models", "--json").stdout.splitlines()]
    assert documents == list(script.always.models)
    assert RUN.invoke(app, ["vision", "models", "--address", NOWHERE]).exit_code == 3
    script.always = grpc.StatusCode.INTERNAL
    assert run("models").exit_code == 1


def test_interrupted_exits_130(address: str, script: Script, pictures: list[Path], loop: Loop) -> None:
    script.always = None
    args = [*COMMAND, "vision", "classify", "--address", address, str(pictures[0])]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert script.arrived.wait(30)  # now the command waits for its answer
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == (b"", b"")
    assert process.returncode == 130


def test_help_tells_the_exit_codes() -> None:
    text = " ".join(RUN.invoke(app, ["vision", "classify", "--help"]).stdout.split())
    assert "3 the service cannot be reached" in text
    assert "--top-k" in text
    assert "OPC 40100-1" in text


def test_interrupted_while_waiting_for_standard_input(address: str) -> None:
    args = [*COMMAND, "vision", "classify", "--address", address, "-"]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"x" * 200_000)  # more than a pipe holds: this returns when the command reads
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT  # which a shell reports as 130
        assert process.stdout is not None
        assert process.stdout.read() == b""


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_bar_on_a_terminal_leaves_standard_output_alone(
    address: str, script: Script, pictures: list[Path], options: list[str]
) -> None:
    name = "a long name " * 30  # longer than a line of the terminal
    script.always = pb.ClassifyResponse(labels=[pb.Label(name=name)])
    ours, theirs = pty.openpty()
    args = [*COMMAND, "vision", "classify", "--address", address, *options, *map(str, pictures)]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=theirs) as process:
        out = process.communicate(timeout=30)[0].decode()
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "3/3" in shown
    assert "a long name" not in shown
    assert "\x1b" not in out
    assert out.count(name) == 3
    assert len(out.splitlines()) == (3 if options else 6)
