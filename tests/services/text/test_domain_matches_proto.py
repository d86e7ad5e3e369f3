"""What the contract's comments promise is what the code does."""

import re
from pathlib import Path

import pytest

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_text import convert, models, streaming
from sensorium_text.domain import EncodingType, EntityType, PersonalDataType, RedactMode
from sensorium_text.redaction._redactor import DEFAULT_TYPES

ROOT = Path(__file__).parents[3]
PROTO = (ROOT / "protos/sensorium/text/v1/text_service.proto").read_text()


def comment(message: str, field: str) -> str:
    """The comment above a field, on one line."""
    body = PROTO[PROTO.index(f"message {message} {{") :]
    above = body[: re.search(rf"\n\s+(?:optional |repeated )?[\w.]+ {field} = ", body).start()]  # type: ignore[union-attr]  # a field that is missing fails the test, too
    lines = re.findall(r"(?:\n\s*//[^\n]*)+$", above)
    return " ".join(line.strip().removeprefix("//").strip() for line in lines[-1].strip().splitlines())


@pytest.mark.parametrize(
    ("prefix", "domain"),
    [
        ("ENTITY_TYPE_", EntityType),
        ("PERSONAL_DATA_TYPE_", PersonalDataType),
        ("REDACT_MODE_", RedactMode),
        ("ENCODING_TYPE_", EncodingType),
    ],
)
def test_enumerations_have_the_same_names_and_numbers(
    prefix: str, domain: type[EntityType | PersonalDataType | RedactMode | EncodingType]
) -> None:
    enum = next(each for each in pb.DESCRIPTOR.enum_types_by_name.values() if each.values[0].name.startswith(prefix))
    contract = {value.name.removeprefix(prefix): value.number for value in enum.values if value.number}
    assert {member.name: member.value for member in domain} == contract


def test_the_types_that_are_looked_for_unasked() -> None:
    for member in PersonalDataType:
        above = PROTO[: PROTO.index(f"PERSONAL_DATA_TYPE_{member.name} = ")].rsplit(";", 1)[1]
        assert ("Not in the" in " ".join(above.split())) == (member not in DEFAULT_TYPES)


@pytest.mark.parametrize(
    ("message", "model"),
    [
        ("EmbedOptions", models.MULTILINGUAL_EMBEDDER),
        ("RankOptions", models.MULTILINGUAL_EMBEDDER),
        ("SummarizeOptions", models.MULTILINGUAL_EMBEDDER),
        ("RedactOptions", models.PERSONAL_DATA),
        ("ExtractEntitiesOptions", models.ENTITIES),
    ],
)
def test_the_default_models(message: str, model: str) -> None:
    assert re.search(rf"Default: {model}\b", comment(message, "model"))


def test_the_default_classes() -> None:
    assert f"Default: the model {models.CLASSIFIER}." in PROTO


def test_the_defaults_of_options() -> None:
    assert "Default 0.4." in comment("RankOptions", "lexical_weight")
    assert convert.rank_options(pb.RankOptions()).lexical_weight == 0.4
    assert "Default 0, which stands for 5." in comment("ClassifyOptions", "top_k")
    assert convert.classify_options(pb.ClassifyOptions()).top_k == 5
    assert "Default 0.5." in comment("ExtractEntitiesOptions", "min_confidence")
    assert convert.extract_entities_options(pb.ExtractEntitiesOptions()).min_confidence == 0.5
    assert "Default 0.5." in comment("RedactOptions", "min_confidence")
    assert convert.redact_options(pb.RedactOptions()).min_confidence == 0.5
    assert "Default: mask." in comment("RedactOptions", "mode")
    assert convert.redact_options(pb.RedactOptions()).mode is RedactMode.MASK
    assert "Default: 3 sentences." in PROTO
    assert convert.summarize_options(pb.SummarizeOptions()).max_sentences == 3
    assert "Default 0, which stands for 3." in comment("DetectLanguageOptions", "top_k")
    assert convert.detect_language_options(pb.DetectLanguageOptions()).top_k == 3


def test_zero_is_a_choice_where_the_default_is_another() -> None:
    assert convert.rank_options(pb.RankOptions(lexical_weight=0)).lexical_weight == 0
    assert convert.redact_options(pb.RedactOptions(min_confidence=0)).min_confidence == 0
    assert convert.classify_options(pb.ClassifyOptions(unknown_threshold=0)).unknown_threshold == 0


def test_the_default_of_a_stream() -> None:
    assert "0 to 256. Default 0, which stands for 64." in comment("StreamAnnotateTextConfig", "max_in_flight")
    assert streaming._DEFAULT_WINDOW == 64


def test_every_model_that_is_needed_has_a_recipe_of_its_name() -> None:
    recipes = {path.parent.name for path in (ROOT / "services/text/models").glob("*/recipe.py")}
    assert set(models._NEEDED) == recipes
