from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.commands._automaton import Automata, Node

sequences = st.lists(st.sampled_from("abc"), max_size=4).map(tuple)
languages = st.frozensets(sequences, max_size=6)


def language(node: Node) -> frozenset[tuple[str, ...]]:
    """All that a node accepts."""
    found: set[tuple[str, ...]] = {()} if node.final else set()
    for word, target in node.edges:
        found |= {(word, *rest) for rest in language(target)}
    return frozenset(found)


def of(automata: Automata, sequences: frozenset[tuple[str, ...]]) -> Node:
    return automata.any_of(map(automata.sequence, sorted(sequences)))


@given(languages)
def test_an_automaton_accepts_what_it_was_made_of(given: frozenset[tuple[str, ...]]) -> None:
    assert language(of(Automata(), given)) == given


@given(languages, languages)
def test_union_and_chain_are_those_of_sets(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> None:
    automata = Automata()
    first, second = of(automata, one), of(automata, other)
    assert language(automata.any_of([first, second])) == one | other
    assert language(automata.chain(first, second)) == {a + b for a, b in product(one, other)}
    assert language(automata.maybe(first)) == one | {()}


@given(languages, languages)
def test_no_way_leads_nowhere(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> None:
    automata = Automata()
    waiting = [automata.chain(of(automata, one), of(automata, other))]
    if waiting[0] is automata.nothing:
        return
    while waiting:
        node = waiting.pop()
        assert node.final or node.edges
        waiting += [target for _, target in node.edges]


def test_equal_parts_exist_once() -> None:
    automata = Automata()
    node = automata.any_of([automata.sequence(["one", "hundred"]), automata.sequence(["two", "hundred"])])
    (_, first), (_, second) = node.edges
    assert first is second
    assert automata.sequence(["one", "hundred"]) is automata.sequence(["one", "hundred"])
    assert automata.any_of([]) is automata.nothing
    assert automata.chain() is automata.empty
