"""Lists of names, found leftmost, longest, as whole words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.errors import InvalidInputError
from sensorium_text.domain import Entity, EntityType, Gazetteer, GazetteerEntry, Span
from sensorium_text.entities._folding import Folded
from sensorium_text.entities._gazetteers import CompiledGazetteer, RecentlyUsed, characters
from sensorium_text.entities._patterns import CustomBudget


def gazetteer(*names: str | tuple[str, ...], case_sensitive: bool = False) -> Gazetteer:
    entries = [(name,) if isinstance(name, str) else name for name in names]
    return Gazetteer("machine", tuple(GazetteerEntry(first, tuple(rest)) for first, *rest in entries), case_sensitive)


def find(text: str, listed: Gazetteer, budget: CustomBudget | None = None) -> list[Entity]:
    folded = Folded(text, fold_case=not listed.case_sensitive)
    return list(CompiledGazetteer(listed).find(folded, budget or CustomBudget(), "options.gazetteers[0]"))


def written(text: str, listed: Gazetteer) -> list[str]:
    return [entity.span.of(text) for entity in find(text, listed)]


def test_a_synonym_comes_back_as_its_entrys_name() -> None:
    text = "The CURING oven and 二号炉 are hot"
    listed = gazetteer(("Oven 2", "curing oven", "二号炉"))
    assert find(text, listed) == [
        Entity(EntityType.CUSTOM, Span(4, 15), 1.0, "machine", normalized="Oven 2"),
        Entity(EntityType.CUSTOM, Span(20, 23), 1.0, "machine", normalized="Oven 2"),
    ]


def test_the_longest_name_at_a_place_is_found() -> None:
    assert written("Press 4 upper die", gazetteer("Press", "Press 4", "upper")) == ["Press 4", "upper"]


def test_a_shorter_name_is_found_where_the_longer_one_is_no_whole_word() -> None:
    assert written("Press 42", gazetteer("Press", "Press 4")) == ["Press"]


def test_a_name_that_overlaps_an_earlier_one_falls_but_not_what_that_would_have_covered() -> None:
    assert written("a b c d", gazetteer("a b", "b c d", "c")) == ["a b", "c"]


def test_case_counts_if_wanted() -> None:
    assert written("oven Oven", gazetteer("Oven", case_sensitive=True)) == ["Oven"]


def test_the_first_entry_has_a_writing_that_two_share() -> None:
    (entity,) = find("mixer", gazetteer(("Mixer 1", "mixer"), ("Mixer 2", "mixer")))
    assert entity.normalized == "Mixer 1"


def test_names_of_white_space_find_nothing() -> None:
    assert find("a b", gazetteer(" ", ("  ", "\t"))) == []


def test_names_beyond_one_portion_and_one_step_are_found() -> None:
    names = [f"machine number {index:05} of the long list of machines" for index in range(3000)]
    text = f"{'x ' * 4000}{names[0]}, {names[1700]}; {'y ' * 4000}{names[2999]}"
    assert written(text, gazetteer(*names)) == [names[0], names[1700], names[2999]]


@pytest.mark.parametrize("before", range(1980, 2001))
def test_a_name_across_the_border_of_two_steps_is_found_once(before: int) -> None:
    text = "泵" * (before * 2) + " curing oven 2 " + "泵" * 50
    assert written(text, gazetteer("curing oven 2", "oven")) == ["curing oven 2"]


def test_too_many_matches_are_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        find("泵" * 11, gazetteer("泵"), CustomBudget(most=10))
    assert (caught.value.reason, caught.value.violations[0].field) == ("TOO_MANY_MATCHES", "options.gazetteers[0]")


def test_nested_names_take_bounded_time() -> None:
    listed = gazetteer(*("泵" * length for length in range(1, 257)))
    with pytest.raises(InvalidInputError) as caught:
        find("泵" * 100_000, listed, CustomBudget(seconds=0.01))
    assert caught.value.reason == "PATTERNS_TOO_SLOW"


words = st.lists(st.sampled_from(["a", "b", "ab", "张", "1"]), min_size=1, max_size=4).map(" ".join)


@given(st.lists(words, min_size=1, max_size=6), st.lists(words, max_size=12).map(" ".join))
def test_it_finds_what_a_plain_search_finds(names: list[str], text: str) -> None:
    expected, place = [], 0
    while place < len(text):
        fitting = [name for name in names if text.startswith(name, place) and _whole(text, place, place + len(name))]
        if fitting:
            expected.append(max(fitting, key=len))
        place += len(max(fitting, key=len)) if fitting else 1
    assert written(text, gazetteer(*names)) == expected


def _whole(text: str, begin: int, end: int) -> bool:
    def inside(place: int) -> bool:
        return 0 < place < len(text) and all(each.isalnum() and each.isascii() for each in text[place - 1 : place + 1])

    return not inside(begin) and not inside(end)


def test_characters_of_names_and_synonyms_count() -> None:
    assert characters(gazetteer("abc", ("de", "fghi"))) == 9


def test_the_value_not_used_for_longest_leaves() -> None:
    recent: RecentlyUsed[str, int] = RecentlyUsed(10)
    recent.put("a", 1, weight=4)
    recent.put("b", 2, weight=4)
    assert recent.get("a") == 1
    recent.put("c", 3, weight=4)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]
    assert len(recent) == 2


def test_what_weighs_too_much_alone_is_not_kept() -> None:
    recent: RecentlyUsed[str, int] = RecentlyUsed(10)
    recent.put("a", 1, weight=11)
    assert len(recent) == 0


def test_a_value_put_again_weighs_once() -> None:
    recent: RecentlyUsed[str, int] = RecentlyUsed(10)
    for value in range(5):
        recent.put("a", value, weight=6)
    assert recent.get("a") == 4
