import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.ctc import Graph, GraphBuilder, Lattice, NoPathError, Step, best_path, best_paths

BLANK = 3
Floats = npt.NDArray[np.float32]


def chain(*labels: int) -> Graph:
    builder = GraphBuilder()
    last = builder.add_node()
    builder.add_phonemes(0, last, labels, owner=0)
    return builder.build([last])


def frames(*labels: int, sure: float = 0.9) -> Floats:
    """A network that is sure of a label in each frame."""
    rest = math.log((1 - sure) / BLANK)
    values = np.full((len(labels), BLANK + 1), rest, np.float32)
    values[np.arange(len(labels)), labels] = math.log(sure)
    return values


def heard(graph: Graph, values: Floats) -> list[tuple[int, int, int]]:
    """Labels of the best way with their frames."""
    path = best_path(graph, values, BLANK)
    return [(graph.arcs[step.arc].label, step.first, step.last) for step in path.steps]


def test_phonemes_are_found_where_they_are_said() -> None:
    assert heard(chain(0, 1, 2), frames(BLANK, 0, 0, BLANK, 1, 2, BLANK)) == [(0, 1, 2), (1, 4, 4), (2, 5, 5)]


def test_the_score_is_the_likelihood_of_the_way() -> None:
    values = frames(0, BLANK, 1)
    assert best_path(chain(0, 1), values, BLANK).score == pytest.approx(3 * math.log(0.9), rel=1e-5)


def test_a_phoneme_said_twice_needs_a_blank() -> None:
    assert heard(chain(0, 0), frames(0, 0, 0, 0)) in (
        [(0, 0, 0), (0, 2, 3)],
        [(0, 0, 1), (0, 3, 3)],
    )
    assert heard(chain(0, 0), frames(0, BLANK, 0)) == [(0, 0, 0), (0, 2, 2)]
    with pytest.raises(NoPathError):
        best_path(chain(0, 0), frames(0, 0), BLANK)


def test_what_is_too_short_has_no_way() -> None:
    with pytest.raises(NoPathError):
        best_path(chain(0, 1, 2), frames(0, 1), BLANK)
    with pytest.raises(NoPathError):
        best_path(chain(0), frames(), BLANK)


def test_the_likelier_of_two_ways_is_taken() -> None:
    builder = GraphBuilder()
    last = builder.add_node()
    builder.add_phonemes(0, last, [0, 1], owner=7)
    builder.add_phonemes(0, last, [0, 2], owner=8)
    graph = builder.build([last])
    for label, owner in ((1, 7), (2, 8)):
        path = best_path(graph, frames(0, label), BLANK)
        assert {graph.arcs[step.arc].owner for step in path.steps} == {owner}


def test_a_way_may_go_round() -> None:
    builder = GraphBuilder()
    builder.add_phonemes(0, 0, [0], owner=0)
    builder.add_phonemes(0, 0, [1], owner=1)
    assert heard(builder.build([0]), frames(0, 1, 1, BLANK, 1, 0)) == [(0, 0, 0), (1, 1, 2), (1, 4, 4), (0, 5, 5)]


def test_silence_is_a_way_where_nothing_need_be_said() -> None:
    builder = GraphBuilder()
    builder.add_phonemes(0, 0, [0], owner=0)
    assert heard(builder.build([0]), frames(BLANK, BLANK)) == []


def test_a_way_without_a_phoneme_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="phoneme"):
        GraphBuilder().add_phonemes(0, 0, [], owner=0)


def every_score(graph: Graph, values: Floats) -> float:
    """The best score, by trying every labelling of every frame."""
    best = -math.inf
    for labels in itertools.product(range(BLANK + 1), repeat=len(values)):
        collapsed = [label for label, _ in itertools.groupby(labels) if label != BLANK]
        if accepts(graph, collapsed):
            best = max(best, float(sum(values[frame, label] for frame, label in enumerate(labels))))
    return best


def accepts(graph: Graph, labels: list[int]) -> bool:
    nodes = {0}
    for label in labels:
        nodes = {arc.target for arc in graph.arcs if arc.source in nodes and arc.label == label}
    return bool(nodes & set(graph.lasts.tolist()))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=6, unique=True),
    st.integers(0, 2),
    st.integers(1, 5),
    st.integers(0, 10_000),
)
def test_no_other_way_is_likelier(arcs: list[tuple[int, int, int]], last: int, length: int, seed: int) -> None:
    builder = GraphBuilder()
    for _ in range(2):
        builder.add_node()
    for source, target, label in arcs:
        builder.add_phonemes(source, target, [label], owner=0)
    graph = builder.build([last])
    values = random_frames(length, seed)
    expected = every_score(graph, values)
    if expected == -math.inf:
        with pytest.raises(NoPathError):
            best_path(graph, values, BLANK)
        return
    path = best_path(graph, values, BLANK)
    assert path.score == pytest.approx(expected, abs=1e-4)
    assert score_of(graph, path.steps, values) == pytest.approx(expected, abs=1e-4)
    assert accepts(graph, [graph.arcs[step.arc].label for step in path.steps])


def score_of(graph: Graph, steps: object, values: Floats) -> float:
    labels = np.full(len(values), BLANK)
    for step in steps:  # type: ignore[attr-defined]  # a sequence of steps
        assert isinstance(step, Step)
        labels[step.first : step.last + 1] = graph.arcs[step.arc].label
    return float(values[np.arange(len(values)), labels].sum())


def random_frames(length: int, seed: int) -> Floats:
    scores = np.random.default_rng(seed).normal(size=(length, BLANK + 1))
    values: Floats = (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))).astype(np.float32)
    return values


def test_each_last_node_has_a_best_way_of_its_own() -> None:
    builder = GraphBuilder()
    ends = [builder.add_node() for _ in range(3)]
    for end, labels in zip(ends, ([0], [0, 1], [0, 1, 2, 0, 1]), strict=True):
        builder.add_phonemes(0, end, labels, owner=end)
    values = random_frames(4, seed=3)
    found = best_paths(builder.build(ends), values, BLANK)
    assert sorted(found) == ends[:2]  # the third one is too long
    for end, labels in zip(ends[:2], ([0], [0, 1]), strict=True):
        alone = best_path(chain(*labels), values, BLANK)
        assert found[end].score == pytest.approx(alone.score, abs=1e-5)
        assert [(step.first, step.last) for step in found[end].steps] == [(s.first, s.last) for s in alone.steps]


def without(graph: Graph, kept: int, layer: int) -> Graph:
    """The graph with only one arc of those that leave its nodes of a layer."""
    arcs = tuple(arc for place, arc in enumerate(graph.arcs) if place == kept or arc.source != layer)
    return Graph(arcs, graph.nodes, graph.lasts)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=6, unique=True),
    st.integers(1, 6),
    st.integers(0, 10_000),
)
def test_an_arc_stays_behind_as_far_as_the_best_way_through_it(
    choices: list[tuple[int, int]], length: int, seed: int
) -> None:
    builder = GraphBuilder()  # a row of nodes, with a choice of phonemes from each to the next
    layers = sorted({layer for layer, _ in choices})
    for _ in layers:
        builder.add_node()
    for layer, label in choices:
        place = layers.index(layer)
        builder.add_phonemes(place, place + 1, [label], owner=0)
    graph, values = builder.build([len(layers)]), random_frames(length, seed)
    lattice = Lattice(graph, values, BLANK)
    try:
        best = best_path(graph, values, BLANK)
    except NoPathError:
        with pytest.raises(NoPathError):
            lattice.best_path()
        return
    assert lattice.best_path() == best
    for place, margin in enumerate(lattice.margins().tolist()):
        try:
            through = best_path(without(graph, place, graph.arcs[place].source), values, BLANK).score
        except NoPathError:
            assert margin < -1e20
        else:
            assert margin == pytest.approx(through - best.score, abs=1e-4)
