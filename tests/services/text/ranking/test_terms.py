from sensorium_text.domain import Span, TermMatch
from sensorium_text.ranking._terms import DocumentTerms, QueryTerm, document_terms, keys_of, matches, query_terms
from sensorium_text.words import words


def query(text: str) -> tuple[QueryTerm, ...]:
    return query_terms(words(text, ""))


def document(text: str, looked_for: str) -> DocumentTerms:
    return document_terms(words(text, ""), keys_of(query(looked_for)))


def found(looked_for: str, text: str) -> list[tuple[str, list[str]]]:
    return [(m.term, [s.of(text) for s in m.spans]) for m in matches(query(looked_for), document(text, looked_for))]


def test_a_query_has_each_term_once_and_no_stop_words() -> None:
    assert query("The pump and the pumps of P-101A") == (
        QueryTerm("pump", "pump", (), 2),
        QueryTerm("p-101a", "p101a", ("101a", "101"), 1),
    )
    assert query("what is the") == ()


def test_codes_and_long_numbers_are_told_from_words_and_counts() -> None:
    terms = {term.term: term.is_code for term in query("P-101A 6205 #3 12V M12 3 42 seal 4.5 泵")}
    assert terms == {
        **dict.fromkeys(["p-101a", "6205", "#3", "12v", "m12", "4.5"], True),
        **dict.fromkeys(["3", "42", "seal", "泵"], False),
    }


def test_a_document_keeps_what_the_query_asks_for() -> None:
    assert document("The pumps and P-101B of the pump", "pump P-101A") == DocumentTerms(
        3, {"pump": (Span(4, 9), Span(28, 32)), "101": (Span(16, 19),)}
    )


def test_matches_are_in_the_query_s_order_with_every_place() -> None:
    assert found("leaking pump P101A", "P-101A: Pump leaks, pump leaked") == [
        ("leak", ["leaks", "leaked"]),
        ("pump", ["Pump", "pump"]),
        ("p101a", ["P-101A"]),
    ]


def test_of_a_code_that_is_not_there_the_parts_match() -> None:
    assert found("P-101A", "P-101B and 101A") == [("p-101a", ["101", "101A"])]
    assert found("over-temperature", "temperature over limit") == [("over-temperature", ["temperature", "over"])]
    assert found("P-101A", "P-101A and P-101B") == [("p-101a", ["P-101A"])]


def test_parts_of_the_document_s_words_match_the_query_s_words() -> None:
    assert found("temperature 密封", "Overheating: over-temperature, 密封圈") == [
        ("temperatur", ["temperature"]),
        ("密封", ["密封"]),
    ]


def test_places_of_parts_do_not_overlap() -> None:
    assert found("传感器", "传感 感器 传感器件") == [("传感器", ["传感器"])]
    assert found("传感器", "传感 感器") == [("传感器", ["传感", "感器"])]


def test_a_term_that_is_not_there_does_not_match() -> None:
    assert matches(query("pump"), document("fan", "pump")) == (TermMatch("pump", ()),)[:0]
