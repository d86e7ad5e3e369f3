"""Texts to classes: by trained heads, by examples, by descriptions."""

import numpy as np
import pytest

from sensorium_core.errors import NotFoundError
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_text.analysis import Analysis
from sensorium_text.classification import Classifier
from sensorium_text.classification._label_sets import LabelSetClassifier
from sensorium_text.domain import ClassifyOptions, Floats, Ids, LabelDefinition, LabelSet
from sensorium_text.embedding import Embedder
from sensorium_text.language import LanguageDetector
from services.text.standins import Served, letters, text_models


def head(tensor: Ids) -> Floats:
    """Three classes: how many a, b and c there are, each with one more for all."""
    counts = np.stack([(tensor == ord(letter)).sum(1) + 1 for letter in "abc"], 1).astype(np.float32)
    result: Floats = counts / counts.sum(1, keepdims=True)
    return result


class Parts:
    """A classifier and the models behind it."""

    def __init__(self, work: BoundedExecutor, metrics: Metrics, kept: int = 2) -> None:
        self.head = Served("nestor_major_system", head, labels=("a-class", "b-class", "c-class"))
        self.multilingual = Served("use_multilingual", letters)
        self.english = Served("minilm_l6", letters)
        self.models = models = text_models(
            work,
            metrics,
            (self.head, "classify", {"unknown_threshold": "0.45"}),
            (self.multilingual, "embed", {}),
            (self.english, "embed", {}),
        )
        label_sets = LabelSetClassifier(Embedder(models), LanguageDetector(), work, kept)
        self.classifier = Classifier(models, label_sets)


@pytest.fixture
def parts(work: BoundedExecutor, metrics: Metrics) -> Parts:
    return Parts(work, metrics)


def options(
    label_set: LabelSet | None = None, *, model: str = "", top_k: int = 5, threshold: float | None = None
) -> ClassifyOptions:
    return ClassifyOptions(model, "options", label_set, top_k, threshold)


def by_examples(*names_and_examples: tuple[str, tuple[str, ...]], model: str = "") -> LabelSet:
    return LabelSet(tuple(LabelDefinition(name, "", examples) for name, examples in names_and_examples), model)


EXAMPLES = by_examples(("first", ("aaab", "aab", "aaac")), ("second", ("bbba", "bba", "bbbc")), model="minilm_l6")


async def test_a_head_gives_its_labels_by_falling_probability(parts: Parts) -> None:
    (found,) = await parts.classifier.classify(["bbc"], options())
    assert [(label.index, label.name) for label in found.labels] == [(1, "b-class"), (2, "c-class"), (0, "a-class")]
    assert [label.score for label in found.labels] == pytest.approx([3 / 6, 2 / 6, 1 / 6])
    assert not found.unknown


async def test_only_so_many_labels_are_returned_as_wanted(parts: Parts) -> None:
    (found,) = await parts.classifier.classify(["bbc"], options(top_k=1))
    assert [label.name for label in found.labels] == ["b-class"]


@pytest.mark.parametrize(("threshold", "unknown"), [(None, True), (0.3, False), (0.34, True)])
async def test_a_text_is_unknown_under_the_threshold(parts: Parts, threshold: float | None, unknown: bool) -> None:
    (found,) = await parts.classifier.classify(["xyz"], options(threshold=threshold))
    assert found.unknown is unknown


async def test_equal_texts_are_computed_once(parts: Parts) -> None:
    found = await parts.classifier.classify(["aa", "bb", "aa"], options())
    assert sum(len(tensor) for tensor in parts.head.asked) == 2
    assert [each.labels[0].name for each in found] == ["a-class", "b-class", "a-class"]


async def test_examples_of_the_request_define_classes(parts: Parts) -> None:
    found = await parts.classifier.classify(["aaaab", "bbbba"], options(EXAMPLES))
    assert [each.labels[0].name for each in found] == ["first", "second"]
    assert all(0.98 < sum(label.score for label in each.labels) <= 1 for each in found)


@pytest.mark.parametrize("described", [False, True])
async def test_a_text_like_none_of_the_classes_is_unknown(parts: Parts, described: bool) -> None:
    labels = (LabelDefinition("g", "aaa", ()), LabelDefinition("h", "bbb", ()))
    label_set = LabelSet(labels, "minilm_l6") if described else EXAMPLES
    like_none, like_one = await parts.classifier.classify(["d" * 20, "aaaa"], options(label_set))
    assert like_none.unknown
    assert sum(label.score for label in like_none.labels) < 0.3
    assert not like_one.unknown


async def test_descriptions_define_classes(parts: Parts) -> None:
    labels = (LabelDefinition("g", "aaa", ()), LabelDefinition("h", "bbb", ()))
    found = await parts.classifier.classify(["aa", "bb"], options(LabelSet(labels, "minilm_l6")))
    assert [each.labels[0].name for each in found] == ["g", "h"]


async def test_what_lies_between_the_classes_is_unknown(parts: Parts) -> None:
    labels = (LabelDefinition("g", "aaa", ()), LabelDefinition("h", "bbb", ()))
    found = await parts.classifier.classify(["aaaa", "ab"], options(LabelSet(labels, "minilm_l6")))
    assert [each.unknown for each in found] == [False, True]


async def test_a_label_set_that_was_used_before_is_not_learned_again(parts: Parts) -> None:
    await parts.classifier.classify(["aa"], options(EXAMPLES))
    before = sum(len(tensor) for tensor in parts.english.asked)
    await parts.classifier.classify(["ab"], options(EXAMPLES))
    assert sum(len(tensor) for tensor in parts.english.asked) == before + 1


async def test_only_the_label_sets_used_last_are_kept(work: BoundedExecutor, metrics: Metrics) -> None:
    parts = Parts(work, metrics, kept=2)
    sets = [by_examples(("x", ("a",)), (f"y{place}", ("b",)), model="minilm_l6") for place in range(3)]
    for label_set in [*sets, sets[0]]:
        await parts.classifier.classify(["c"], options(label_set))
    assert sum(len(tensor) for tensor in parts.english.asked) == 4 * (1 + 2)


async def test_english_labels_and_texts_are_read_by_the_english_embedder(parts: Parts) -> None:
    english = by_examples(("leak", ("the hose is leaking oil",)), ("noise", ("the engine makes a strange noise",)))
    await parts.classifier.classify(["oil is dripping from the cylinder"], options(english))
    assert parts.english.asked
    assert not parts.multilingual.asked


async def test_other_languages_are_read_by_the_multilingual_embedder(parts: Parts) -> None:
    chinese = by_examples(("漏油", ("软管漏油",)), ("噪音", ("发动机有异常噪音",)))
    await parts.classifier.classify(["油缸漏油"], options(chinese))
    assert parts.multilingual.asked
    assert not parts.english.asked


ENGLISH = by_examples(("leak", ("the hose is leaking oil",)), ("noise", ("the engine makes a strange noise",)))


@pytest.mark.parametrize("text", ["油缸漏油", "утечка масла", "the hose is leaking 油", "διαρροή λαδιού"])
async def test_texts_of_other_scripts_are_read_by_the_multilingual_embedder(parts: Parts, text: str) -> None:
    await parts.classifier.classify([text], options(ENGLISH))
    assert parts.multilingual.asked
    assert not parts.english.asked


@pytest.mark.parametrize("text", ["P-101A", "Öl läuft aus", "R = 10 kΩ at Δp = 3 µbar", "?!"])
async def test_the_labels_decide_the_model_of_latin_texts(parts: Parts, text: str) -> None:
    await parts.classifier.classify([text], options(ENGLISH))
    assert parts.english.asked
    assert not parts.multilingual.asked


async def test_one_label_of_another_script_makes_the_set_multilingual(parts: Parts) -> None:
    *most, last = (LabelDefinition(f"n{place}", "", ("the engine makes a noise",)) for place in range(9))
    mixed = LabelSet((*most, LabelDefinition(last.name, "", ("漏油",))), "")
    await parts.classifier.classify(["the engine is loud"], options(mixed))
    assert not parts.english.asked


async def test_the_labels_of_a_text_do_not_depend_on_its_neighbours(parts: Parts) -> None:
    texts = ["the hose is leaking", "油缸漏油", "strange noise", "el motor hace ruido"]
    together = await parts.classifier.classify(texts, options(ENGLISH))
    alone = [(await parts.classifier.classify([text], options(ENGLISH)))[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert [label.name for label in one.labels] == [label.name for label in other.labels]
        assert [label.score for label in one.labels] == pytest.approx([label.score for label in other.labels])


async def test_variants_of_a_text_are_read_by_its_model(parts: Parts) -> None:
    settled = await parts.classifier.settled(options(ENGLISH), "the hose is leaking 油")
    await parts.classifier.scores(["the hose is leaking 油", "the hose is leaking"], settled)
    assert not parts.english.asked
    assert await parts.classifier.settled(options(), "x") == options()


@pytest.mark.parametrize("name", ["no_such_model", "minilm_l6"])
async def test_a_model_that_is_no_head_is_refused(parts: Parts, name: str) -> None:
    with pytest.raises(NotFoundError, match=r"options\.model"):
        await parts.classifier.classify(["aa"], options(model=name))


async def test_a_label_set_with_a_model_that_embeds_nothing_is_refused(parts: Parts) -> None:
    label_set = by_examples(("x", ("a",)), ("y", ("b",)), model="nestor_major_system")
    with pytest.raises(NotFoundError, match=r"options\.label_set\.model"):
        await parts.classifier.classify(["aa"], options(label_set))


@pytest.mark.parametrize("label_set", [None, EXAMPLES])
async def test_a_text_that_other_features_look_at_too_is_tokenized_once_and_classified_the_same(
    parts: Parts, work: BoundedExecutor, label_set: LabelSet | None
) -> None:
    analysis = Analysis("bbc", "en", LanguageDetector(), work)
    found = await parts.classifier.classify_analysed(analysis, options(label_set))
    model = parts.models.default("minilm_l6" if label_set else "nestor_major_system")
    assert found == (await parts.classifier.classify(["bbc"], options(label_set)))[0]
    encoding = await analysis.encoding(model)
    assert await analysis.encoding(model) is encoding
