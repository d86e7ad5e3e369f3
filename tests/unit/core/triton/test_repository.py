from pathlib import Path

import pytest

from sensorium_core.settings import ConfigurationError
from sensorium_core.triton import ModelSpec, TensorSpec, read_repository

CONFIG = """
name: "net" max_batch_size: 8
input [ { name: "image" data_type: TYPE_UINT8 dims: [ -1, 3 ] }, { name: "k" data_type: TYPE_INT32 dims: [ 1 ] } ]
output [ { name: "score" data_type: TYPE_FP32 dims: [ 7 ] } ]
parameters { key: "capability" value { string_value: "classify" } }
"""


def test_models_are_described_by_their_files(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.pbtxt").write_text(CONFIG.replace("net", name))
    (tmp_path / "no_model").mkdir()
    first, second = read_repository(tmp_path)
    assert (first.folder.name, second.folder.name) == ("a", "b")
    assert first.spec == ModelSpec(
        "a",
        (TensorSpec("image", "UINT8", (-1, -1, 3)), TensorSpec("k", "INT32", (-1, 1))),
        (TensorSpec("score", "FP32", (-1, 7)),),
    )
    assert first.parameters == {"capability": "classify"}


def test_no_folder_no_models(tmp_path: Path) -> None:
    assert read_repository(tmp_path / "none") == []


@pytest.mark.parametrize("content", [b"name: ", b"\xff\xfe", b'nonsense: "x"'])
def test_what_is_no_configuration_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "config.pbtxt").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"net/config\.pbtxt is no model configuration"):
        read_repository(tmp_path)
