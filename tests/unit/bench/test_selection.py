import pytest

from bench.comparison.settings import Selection, Settings

KNOWN = {"parts": ["start", "closed"], "workloads": ["classify_raw", "small"], "systems": ["suite", "limit"]}


def test_nothing_said_selects_everything() -> None:
    chosen = Selection.parse("", **KNOWN)
    assert chosen.everything
    assert chosen.part("start")
    assert chosen.workload("small")
    assert chosen.system("limit")


def test_words_narrow_their_own_kind_only() -> None:
    chosen = Selection.parse("closed, suite limit", **KNOWN)
    assert [chosen.part(name) for name in KNOWN["parts"]] == [False, True]
    assert [chosen.workload(name) for name in KNOWN["workloads"]] == [True, True]
    assert [chosen.system(name) for name in KNOWN["systems"]] == [True, True]
    assert not chosen.everything


def test_an_unknown_word_is_named_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"BENCH_ONLY: smal is none of: start closed; classify_raw small; suite limit"):
        Selection.parse("smal", **KNOWN)


def test_settings_come_from_the_environment() -> None:
    found = Settings.load({"BENCH_ROUNDS": "2", "BENCH_SECONDS": "0.5", "BENCH_PICTURES": ""})
    assert (found.rounds, found.seconds, found.pictures) == (2, 0.5, 10_000)


def test_no_time_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="BENCH_SECONDS=0 must be above 0"):
        Settings.load({"BENCH_SECONDS": "0"})
