"""A candidate must be the same model to those who use it; otherwise it is told what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensorium_models.updates import RefusedError
from sensorium_models.updates._candidate import problems, read_candidate
from sensorium_models.updates._versions import Versions

CONFIG = """
name: "net" backend: "onnxruntime" max_batch_size: 8
input { name: "x" data_type: TYPE_INT16 dims: [3] }
input { name: "boost" data_type: TYPE_FP32 dims: [1] optional: true }
output { name: "y" data_type: TYPE_FP32 dims: [2] }
model_warmup { name: "one" batch_size: 1 inputs { key: "x" value { data_type: TYPE_INT16 dims: [3] zero_data: true } } }
parameters { key: "labels" value { string_value: "[\\"cat\\", \\"dog\\"]" } }
parameters { key: "source" value { string_value: "a wheel" } }
"""


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    folder = model_folder(tmp_path / "models" / "net", CONFIG)
    (folder / "tokenizer.json").write_text("{}")
    return Versions(folder)


def model_folder(folder: Path, config: str, version: str = "1") -> Path:
    (folder / version).mkdir(parents=True)
    (folder / version / "model.onnx").write_bytes(b"graph")
    (folder / "config.pbtxt").write_text(config)
    return folder


def found(versions: Versions, folder: Path) -> list[str]:
    return problems(read_candidate(str(folder), versions), versions)


def test_a_folder_as_triton_has_it_gives_its_highest_version(versions: Versions, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "new", CONFIG.replace('"net"', '"net_retrained"'))
    (folder / "12").mkdir()
    (folder / "12" / "model.onnx").write_bytes(b"newest")
    (folder / "12" / "__pycache__").mkdir()
    (folder / "tokenizer.json").write_text("{}")
    candidate = read_candidate(str(folder), versions)
    assert candidate.files["model.onnx"].read_bytes() == b"newest"
    assert candidate.config.name == "net"
    assert problems(candidate, versions) == []


@pytest.mark.parametrize("given", ["model.onnx", "."])
def test_files_alone_get_the_configuration_that_serves(versions: Versions, tmp_path: Path, given: str) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "model.onnx").write_bytes(b"graph")
    candidate = read_candidate(str(tmp_path / "alone" / given), versions)
    assert set(candidate.files) == {"model.onnx"}
    assert candidate.config.max_batch_size == 8
    assert not candidate.config.HasField("version_policy")
    assert problems(candidate, versions) == []


def test_a_version_that_is_there_is_named_by_its_number(versions: Versions, tmp_path: Path) -> None:
    assert read_candidate("1", versions).number == 1
    with pytest.raises(RefusedError, match="has no version 2; there is: 1"):
        read_candidate("2", versions)


def test_a_missing_canary_is_that_of_the_version_that_serves(versions: Versions, tmp_path: Path) -> None:
    lines = [line for line in CONFIG.splitlines() if not line.startswith("model_warmup")]
    folder = model_folder(tmp_path / "new", "\n".join(lines))
    assert read_candidate(str(folder), versions).config.model_warmup[0].name == "one"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("TYPE_FP32 dims: [2]", "TYPE_FP32 dims: [3]", "output y is FP32[3], must be FP32[2]"),
        ("TYPE_INT16 dims: [3] }\ninput", "TYPE_INT32 dims: [3] }\ninput", "input x is INT32[3], must be INT16[3]"),
        ('name: "y"', 'name: "z"', "output y is missing, must be FP32[2]"),
        (" optional: true", "", "input boost is FP32[1], must be FP32[1] optional"),
        ("output {", 'input { name: "w" data_type: TYPE_BOOL dims: [1] }\noutput {', "input w is new"),
        ("max_batch_size: 8", "max_batch_size: 4", "max_batch_size is 4, less than 8"),
        ("dog", "wolf", "parameter labels differs, which services read when they start"),
    ],
)
def test_what_differs_is_named(versions: Versions, tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in CONFIG
    assert found(versions, model_folder(tmp_path / "new", CONFIG.replace(old, new))) == [problem]


def test_more_outputs_larger_batches_and_another_source_are_no_other_model(versions: Versions, tmp_path: Path) -> None:
    config = CONFIG.replace("a wheel", "trained here").replace("size: 8", "size: 16")
    config += 'output { name: "z" data_type: TYPE_FP32 dims: [9] }'
    assert found(versions, model_folder(tmp_path / "new", config)) == []


def test_another_tokenizer_is_another_model(versions: Versions, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "new", CONFIG)
    (folder / "tokenizer.json").write_text('{"other": 1}')
    assert found(versions, folder) == ["tokenizer.json is not the one that services read when they start"]


@pytest.mark.parametrize("spoil", ["no file", "no model", "no configuration", "a folder"])
def test_what_cannot_be_read_is_refused(versions: Versions, tmp_path: Path, spoil: str) -> None:
    folder = model_folder(tmp_path / "new", CONFIG)
    if spoil == "no file":
        folder = tmp_path / "missing"
    elif spoil == "no model":
        (folder / "1" / "model.onnx").rename(folder / "1" / "weights.bin")
    elif spoil == "no configuration":
        (folder / "config.pbtxt").write_text("this is {")
    else:
        (folder / "1" / "assets").mkdir()
    with pytest.raises(RefusedError, match="CANDIDATE_UNREADABLE"):
        read_candidate(str(folder), versions)
