"""ExtractEntities as a whole: rules, names by language, what callers define, types and confidence."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from sensorium_core.errors import InvalidInputError, NotFoundError
from sensorium_core.limits import BoundedExecutor
from sensorium_core.patterns import compile_pattern
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ServedModel
from sensorium_text.analysis import Analysis
from sensorium_text.domain import (
    Entity,
    EntityPattern,
    EntityType,
    ExtractEntitiesOptions,
    Floats,
    Gazetteer,
    GazetteerEntry,
    Ids,
    Span,
)
from sensorium_text.entities import ConfiguredEntities, DictionaryNames, EntityExtractor, ModelNames
from sensorium_text.entities._gazetteers import MOST_CHARACTERS, CompiledGazetteer
from sensorium_text.entities._names import joined, of_the_trade
from sensorium_text.sequences import Encoding, SequenceModel
from services.text.standins import Served, text_models

T = EntityType
ALL = ExtractEntitiesOptions("options", frozenset(), 0.5, (), ())
LABELS = ("O", "B-GIVEN_NAME", "I-GIVEN_NAME", "B-SURNAME", "I-SURNAME", "B-CITY", "I-CITY", "B-PHONE", "I-PHONE")
KNOWN = {"anna": 1, "miller": 3, "ulm": 5, "5551234": 7}


class Words:
    """A tokenizer of one token a word; ids say what `labelled` makes of them."""

    prefix: tuple[int, ...] = (101,)
    suffix: tuple[int, ...] = (102,)

    def encode(self, texts: list[str]) -> list[Encoding]:
        return [self._encoded(text) for text in texts]

    def _encoded(self, text: str) -> Encoding:
        spans, place = [], 0
        for word in text.split():
            place = text.index(word, place)
            spans.append(Span(place, place + len(word)))
            place += len(word)
        ids = [KNOWN.get(span.of(text).lower(), 0) for span in spans]
        return Encoding(np.array(ids, np.int32), tuple(spans))


def labelled(ids: Ids) -> Floats:
    """Each id is its label, with probability 0.9; special tokens and padding are O."""
    classes = np.where((ids > 0) & (ids < len(LABELS)), ids, 0)
    rows: Floats = np.full((*ids.shape, len(LABELS)), 0.1 / (len(LABELS) - 1), np.float32)
    np.put_along_axis(rows, classes[..., None], 0.9, -1)
    return rows


def model_names(work: BoundedExecutor, *, max_tokens: int = 10) -> tuple[ModelNames, Served]:
    served = Served("names", labelled, dims=(-1, len(LABELS)), labels=LABELS)
    parameters = {"capability": "entities", "max_tokens": str(max_tokens)}
    model = SequenceModel(cast(ServedModel, served), cast(Any, Words()), parameters, work, Metrics())
    return ModelNames(model, work), served


def analysis(text: str, language: str, work: BoundedExecutor) -> Analysis:
    return Analysis(text, language, cast(Any, None), work)


async def extract(
    work: BoundedExecutor,
    text: str,
    options: ExtractEntitiesOptions = ALL,
    language: str = "en",
    configured: ConfiguredEntities | None = None,
) -> list[tuple[str, str]]:
    finder, _ = model_names(work)
    extractor = EntityExtractor(
        text_models(work, Metrics()), {"en": finder, "zh": DictionaryNames(work)}, work, configured
    )
    extractor.check(options)
    found = await extractor.extract(analysis(text, language, work), options)
    return [(entity.type.name, entity.span.of(text)) for entity in found]


async def test_rules_and_names_together_in_the_order_of_the_text(work: BoundedExecutor) -> None:
    assert await extract(work, "Anna Miller of Ulm reset P-101A at 4.5 bar , phone 5551234") == [
        ("PERSON", "Anna Miller"),
        ("PLACE", "Ulm"),
        ("EQUIPMENT_TAG", "P-101A"),
        ("QUANTITY", "4.5 bar"),
    ]


async def test_chinese_names_come_from_the_dictionary(work: BoundedExecutor) -> None:
    assert await extract(work, "张伟更换了P-101A泵", language="zh-CN") == [
        ("PERSON", "张伟"),
        ("EQUIPMENT_TAG", "P-101A"),
    ]


async def test_other_languages_have_rules_only(work: BoundedExecutor) -> None:
    assert await extract(work, "Anna Miller: 5 bar", language="fr") == [("QUANTITY", "5 bar")]


def named_x(ids: Ids) -> Floats:
    """The character x is a person, nothing else is anything."""
    persons = (ids == ord("x")).astype(np.float32)
    return np.stack([1 - persons, persons], -1)


async def test_a_model_that_the_request_names_reads_any_language(work: BoundedExecutor) -> None:
    imported = Served("bert_ner", named_x, dims=(-1, 2), labels=("O", "B-PER"))
    models = text_models(work, Metrics(), (imported, "entities", {}))
    extractor = EntityExtractor(models, {"zh": DictionaryNames(work)}, work)
    found = await extractor.extract(analysis("张伟 x", "zh", work), replace(ALL, model="bert_ner"))
    assert [(entity.type, entity.span) for entity in found] == [(T.PERSON, Span(3, 4))]


@pytest.mark.parametrize("name", ["no_such_model", "embedder"])
async def test_a_model_that_finds_no_entities_is_refused(work: BoundedExecutor, name: str) -> None:
    models = text_models(work, Metrics(), (Served("embedder", named_x), "embed", {}))
    extractor = EntityExtractor(models, {}, work)
    with pytest.raises(NotFoundError, match=r"options\.model"):
        await extractor.extract(analysis("5 bar", "en", work), replace(ALL, model=name))


async def test_only_the_types_asked_for(work: BoundedExecutor) -> None:
    options = replace(ALL, types=frozenset({T.QUANTITY}))
    assert await extract(work, "Anna: P-101A 5 bar", options) == [("QUANTITY", "5 bar")]


async def test_a_filter_does_not_change_what_something_is(work: BoundedExecutor) -> None:
    options = replace(ALL, types=frozenset({T.EQUIPMENT_TAG}))
    assert await extract(work, "S/N PT-2204", options) == []


async def test_without_names_asked_for_no_model_runs_and_no_language_is_needed(work: BoundedExecutor) -> None:
    finder, served = model_names(work)
    options = replace(ALL, types=frozenset({T.QUANTITY, T.CUSTOM}))
    found = await EntityExtractor(text_models(work, Metrics()), {"en": finder}, work).extract(
        analysis("5 bar", "", work), options
    )
    assert [entity.type for entity in found] == [T.QUANTITY]
    assert served.asked == []


async def test_the_less_confident_are_left_out(work: BoundedExecutor) -> None:
    assert await extract(work, "on 3/5/2024", replace(ALL, min_confidence=0.7)) == []
    assert await extract(work, "on 3/5/2024", replace(ALL, min_confidence=0.6)) == [("DATE", "3/5/2024")]


async def test_a_long_text_is_read_window_by_window(work: BoundedExecutor) -> None:
    finder, served = model_names(work, max_tokens=10)
    text = " ".join(["pump"] * 20 + ["Anna", "Miller"] + ["pump"] * 20 + ["Ulm"])
    found = await finder.find(analysis(text, "en", work))
    assert [(entity.type, entity.span.of(text)) for entity in found] == [(T.PERSON, "Anna Miller"), (T.PLACE, "Ulm")]
    assert sum(len(batch) for batch in served.asked) > 4


async def test_a_text_without_tokens_needs_no_model(work: BoundedExecutor) -> None:
    finder, served = model_names(work)
    assert await finder.find(analysis(" ", "en", work)) == []
    assert served.asked == []


@pytest.mark.parametrize(
    ("written", "is_of_the_trade"),
    [("hyd hose", True), ("RESEAL ELBOW", True), ("Elbow", False), ("KLAUS WEBER", False), ("dave", False)],
)
def test_words_of_the_trade_in_shorthand_are_no_names(written: str, is_of_the_trade: bool) -> None:
    assert of_the_trade(written) is is_of_the_trade


def test_names_are_joined_only_across_a_space() -> None:
    text = "Anna Miller, Bob\nCarl"
    names = [Entity(T.PERSON, Span(a, b), c) for a, b, c in ((0, 4, 1.0), (5, 11, 0.5), (13, 16, 1.0), (17, 21, 1.0))]
    found = joined(names, text)
    assert [entity.span.of(text) for entity in found] == ["Anna Miller", "Bob", "Carl"]
    assert found[0].confidence == pytest.approx(0.7)


async def test_what_callers_define_stands_beside_the_rest_and_may_overlap(work: BoundedExecutor) -> None:
    options = replace(
        ALL,
        patterns=(EntityPattern("tag", compile_pattern(r"P-\d+", "f")),),
        gazetteers=(Gazetteer("machine", (GazetteerEntry("Feed pump", ("P-101A",)),), case_sensitive=False),),
    )
    assert await extract(work, "P-101A stopped", options) == [
        ("EQUIPMENT_TAG", "P-101A"),
        ("CUSTOM", "P-101A"),
        ("CUSTOM", "P-101"),
    ]


async def test_what_the_configuration_defines_is_always_looked_for(work: BoundedExecutor) -> None:
    configured = ConfiguredEntities(
        (EntityPattern("order", compile_pattern(r"WO\d+", "f")),),
        (Gazetteer("machine", (GazetteerEntry("Oven 2", ()),), case_sensitive=True),),
    )
    assert await extract(work, "WO17: Oven 2", configured=configured) == [("CUSTOM", "WO17"), ("CUSTOM", "Oven 2")]


async def test_custom_entities_are_left_out_where_others_are_asked_for(work: BoundedExecutor) -> None:
    options = replace(ALL, types=frozenset({T.DATE}), patterns=(EntityPattern("any", compile_pattern(".", "f")),))
    assert await extract(work, "some text", options) == []


async def test_too_many_matches_name_the_field(work: BoundedExecutor) -> None:
    patterns = tuple(EntityPattern(name, compile_pattern(name, "f")) for name in "xy")
    with pytest.raises(InvalidInputError) as caught:
        await extract(work, "y" * 10_001, replace(ALL, patterns=patterns))
    assert (caught.value.reason, caught.value.violations[0].field) == ("TOO_MANY_MATCHES", "options.patterns[1]")


def test_gazetteers_that_are_too_large_together_are_refused(work: BoundedExecutor) -> None:
    half = Gazetteer("g", (GazetteerEntry("x" * (MOST_CHARACTERS // 2 + 1), ()),), case_sensitive=False)
    extractor = EntityExtractor(text_models(work, Metrics()), {}, work)
    extractor.check(replace(ALL, gazetteers=(half,)))
    with pytest.raises(InvalidInputError) as caught:
        extractor.check(replace(ALL, gazetteers=(half, half)))
    assert (caught.value.reason, caught.value.violations[0].field) == ("GAZETTEERS_TOO_LARGE", "options.gazetteers")


async def test_a_gazetteer_is_compiled_once_for_many_texts(
    work: BoundedExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[Gazetteer] = []

    def compile_and_note(gazetteer: Gazetteer) -> CompiledGazetteer:
        compiled.append(gazetteer)
        return CompiledGazetteer(gazetteer)

    monkeypatch.setattr("sensorium_text.entities._extractor.CompiledGazetteer", compile_and_note)
    extractor = EntityExtractor(text_models(work, Metrics()), {}, work)
    for _ in range(3):
        listed = Gazetteer("g", (GazetteerEntry("Oven", ()),), case_sensitive=False)
        found = await extractor.extract(analysis("Oven", "fr", work), replace(ALL, gazetteers=(listed,)))
        assert [entity.normalized for entity in found] == ["Oven"]
    assert len(compiled) == 1


async def test_texts_side_by_side_do_not_disturb_each_other(work: BoundedExecutor) -> None:
    texts = [f"{n} bar at P-{100 + n}A" for n in range(1, 21)]
    found = await asyncio.gather(*(extract(work, text) for text in texts))
    assert found == [[("QUANTITY", f"{n} bar"), ("EQUIPMENT_TAG", f"P-{100 + n}A")] for n in range(1, 21)]
