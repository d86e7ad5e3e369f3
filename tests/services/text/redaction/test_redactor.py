"""Redact and Restore as a whole, with a model that knows a few words."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from sensorium_core.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_text.analysis import Analysis
from sensorium_text.domain import (
    Floats,
    Ids,
    PersonalDataType,
    PseudonymKey,
    RedactMode,
    RedactOptions,
    Span,
)
from sensorium_text.models import TextModel, TextModels
from sensorium_text.redaction import NamedKeys, Redactor
from sensorium_text.sequences import Encoding
from services.text.standins import Catalog, Served

LABELS = ("O", "B-GIVEN_NAME", "B-SURNAME", "B-TAX_ID")
KNOWN = {"kara": 1, "dunlap": 2, "4711-77": 3}
KEY = bytes(range(64))
MASK = RedactOptions("options", RedactMode.MASK, frozenset(), 0.5, "", None)
PSEUDONYMIZE = replace(MASK, mode=RedactMode.PSEUDONYMIZE, key=PseudonymKey(KEY))
TEXT = "Operator Kara Dunlap (k@x.de) fitted S/N 4111111111111111."


class Words:
    """A tokenizer of one token a word."""

    prefix: tuple[int, ...] = (101,)
    suffix: tuple[int, ...] = (102,)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
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
    """Each id is its label, with probability 0.94; special tokens and padding are O."""
    classes = np.where((ids > 0) & (ids < len(LABELS)), ids, 0)
    rows: Floats = np.full((*ids.shape, len(LABELS)), 0.02, np.float32)
    np.put_along_axis(rows, classes[..., None], 0.94, -1)
    return rows


class Parts:
    """A redactor on stand-ins, and what its model was asked."""

    def __init__(self, work: BoundedExecutor, keys: NamedKeys, max_tokens: int = 100) -> None:
        self.served = Served("rampart_pii", labelled, dims=(-1, len(LABELS)), labels=LABELS)
        parameters = {"capability": "personal_data", "max_tokens": str(max_tokens)}
        model = TextModel(cast(Any, self.served).spec, "personal_data", parameters, cast(Any, Words()))
        models = TextModels([model], cast(Any, Catalog(self.served)), work, Metrics())
        self.redactor = Redactor(models, keys, work)
        self._work = work

    async def redact(self, text: str, options: RedactOptions = MASK) -> Any:
        return await self.redactor.redact(Analysis(text, "en", cast(Any, None), self._work), options)


@pytest.fixture
def keys(tmp_path: Path) -> NamedKeys:
    file = tmp_path / "keys.toml"
    secret = base64.b64encode(KEY).decode()
    file.write_text(f'[both]\nsecret = "{secret}"\nrestore = true\n[one-way]\nsecret = "{secret}"\n')
    file.chmod(0o600)
    return NamedKeys(file)


@pytest.fixture
def parts(work: BoundedExecutor, keys: NamedKeys) -> Parts:
    return Parts(work, keys)


async def test_a_text_is_masked_by_the_names_of_types(parts: Parts) -> None:
    found = await parts.redact(TEXT)
    assert found.text == "Operator [PERSON_NAME] ([EMAIL_ADDRESS]) fitted S/N 4111111111111111."
    assert [(each.type.name, each.span.of(TEXT)) for each in found.findings] == [
        ("PERSON_NAME", "Kara Dunlap"),
        ("EMAIL_ADDRESS", "k@x.de"),
    ]


async def test_a_text_is_masked_character_by_character(parts: Parts) -> None:
    found = await parts.redact(TEXT, replace(MASK, mask_character="*"))
    assert found.text == "Operator *********** (******) fitted S/N 4111111111111111."


async def test_an_inspected_text_stays(parts: Parts) -> None:
    found = await parts.redact(TEXT, replace(MASK, mode=RedactMode.INSPECT))
    assert found.text == TEXT
    assert [each.replacement for each in found.findings] == [None, None]


async def test_pseudonyms_turn_back(parts: Parts) -> None:
    found = await parts.redact(TEXT, PSEUDONYMIZE)
    assert "Kara" not in found.text
    back = await parts.redactor.restore(found.text, PseudonymKey(KEY))
    assert (back.text, back.count) == (TEXT, 2)


async def test_types_that_are_not_in_the_default_set_must_be_asked_for(parts: Parts) -> None:
    text = "Tax 4711-77 see www.example.com"
    assert (await parts.redact(text)).text == text
    wanted = frozenset({PersonalDataType.TAX_ID, PersonalDataType.URL})
    assert (await parts.redact(text, replace(MASK, types=wanted))).text == "Tax [TAX_ID] see [URL]"


async def test_the_model_is_asked_only_for_its_types_and_its_script(parts: Parts) -> None:
    await parts.redact(TEXT, replace(MASK, types=frozenset({PersonalDataType.IBAN, PersonalDataType.IP_ADDRESS})))
    await parts.redact("联系人：张伟，电话13812345678")
    assert parts.served.asked == []


async def test_a_long_text_is_read_window_by_window(work: BoundedExecutor, keys: NamedKeys) -> None:
    parts = Parts(work, keys, max_tokens=12)
    text = "the pump of Kara Dunlap runs and " * 20 + "张 " * 60
    found = await parts.redact(text)
    assert found.text.count("the pump of [PERSON_NAME] runs and ") == 20
    assert all(tensor.shape[1] <= 16 for tensor in parts.served.asked)
    rows = sum(tensor.shape[0] for tensor in parts.served.asked)
    assert rows < 25  # 140 tokens in steps of eight; not the 60 Chinese ones


async def test_a_named_key_makes_the_same_pseudonyms_as_its_secret(parts: Parts) -> None:
    named = await parts.redact(TEXT, replace(PSEUDONYMIZE, key=PseudonymKey(name="one-way")))
    assert named == await parts.redact(TEXT, PSEUDONYMIZE)
    back = await parts.redactor.restore(named.text, PseudonymKey(name="both"))
    assert back.text == TEXT


async def test_a_key_for_one_way_restores_nothing(parts: Parts) -> None:
    with pytest.raises(PermissionDeniedError) as raised:
        await parts.redactor.restore("any", PseudonymKey(name="one-way"))
    assert raised.value.reason == "RESTORE_NOT_ALLOWED"


async def test_unknown_keys_are_named_with_their_field(parts: Parts) -> None:
    options = replace(PSEUDONYMIZE, field="options.redact", key=PseudonymKey(name="gone"))
    with pytest.raises(NotFoundError, match=r"options.redact.key.name: no key 'gone'") as raised:
        parts.redactor.check(options)
    assert raised.value.reason == "KEY_NOT_FOUND"
    with pytest.raises(NotFoundError):
        await parts.redact(TEXT, options)
    with pytest.raises(NotFoundError, match=r"key.name: no key 'gone'"):
        await parts.redactor.restore("any", PseudonymKey(name="gone"))


async def test_unknown_models_are_refused(parts: Parts) -> None:
    with pytest.raises(NotFoundError) as raised:
        parts.redactor.check(replace(MASK, model="gone"))
    assert raised.value.reason == "MODEL_NOT_FOUND"


async def test_a_wrong_key_restores_nothing(parts: Parts) -> None:
    found = await parts.redact(TEXT, PSEUDONYMIZE)
    with pytest.raises(InvalidInputError) as raised:
        await parts.redactor.restore(found.text, PseudonymKey(KEY[::-1]))
    assert raised.value.reason == "PSEUDONYM_KEY_MISMATCH"
    assert "Kara" not in str(raised.value)
