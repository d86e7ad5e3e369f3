from pathlib import Path

import pytest

from sensorium_core.settings import ConfigurationError
from sensorium_core.triton import TensorSpec
from sensorium_speech.models import further, primary

CONFIG = """
name: "{name}"
input [
  {{ name: "pcm" data_type: TYPE_INT16 dims: [ -1 ] allow_ragged_batch: true }},
  {{ name: "language" data_type: TYPE_INT32 dims: [ 1 ] optional: true }}
]
output [
  {{ name: "tokens" data_type: TYPE_INT32 dims: [ -1, -1 ] }},
  {{ name: "finished" data_type: TYPE_BOOL dims: [ -1 ] }}
]
parameters {{ key: "capability" value {{ string_value: "{capability}" }} }}
"""
KNOWN = """
parameters { key: "languages" value { string_value: "zh,en" } }
parameters { key: "max_samples" value { string_value: "480000" } }
"""


def add(folder: Path, name: str, capability: str = "transcribe", more: str = KNOWN) -> None:
    (folder / name).mkdir()
    (folder / name / "config.pbtxt").write_text(CONFIG.format(name=name, capability=capability) + more)


def test_models_of_the_repository_that_transcribe_are_used(tmp_path: Path) -> None:
    add(tmp_path, "whisper_base")
    add(tmp_path, "moonshine_tiny_en")
    add(tmp_path, "other_phonemes", "phonemes")
    (found,) = further(tmp_path)
    assert (found.spec.name, found.languages, found.longest) == ("whisper_base", ("zh", "en"), 480_000)
    assert found.spec.inputs == (TensorSpec("pcm", "INT16", (-1, -1)), TensorSpec("language", "INT32", (-1, 1)))
    assert [tensor.name for tensor in found.spec.outputs] == ["tokens"]  # those that the service reads
    assert (found.takes("language"), found.takes("prefix"), found.knows_times) == (True, False, False)


def test_without_a_repository_there_are_none(tmp_path: Path) -> None:
    assert further(tmp_path / "nothing") == []


@pytest.mark.parametrize("more", ["", KNOWN.replace("480000", "many"), KNOWN.replace("zh,en", ",")])
def test_a_model_that_does_not_say_what_it_hears_is_an_error(tmp_path: Path, more: str) -> None:
    add(tmp_path, "whisper_base", more=more)
    with pytest.raises(ConfigurationError, match="whisper_base lacks its languages or max_samples"):
        further(tmp_path)


def test_a_file_that_is_no_configuration_is_an_error(tmp_path: Path) -> None:
    add(tmp_path, "whisper_base", more="nonsense")
    with pytest.raises(ConfigurationError, match="is no model configuration"):
        further(tmp_path)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("en", "en"), ("EN-us", "en"), ("zh-Hans-CN", "zh"), ("cmn-Hans-CN", "zh"), ("nb-NO", "no"), ("nn", "nn")],
)
def test_a_language_is_told_without_its_country(code: str, expected: str) -> None:
    assert primary(code) == expected
