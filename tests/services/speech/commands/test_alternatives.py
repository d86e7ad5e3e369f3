"""Which sequences of tokens a search goes on with, and the graph of nothing else."""

import numpy as np
import numpy.typing as npt

from sensorium_speech.commands._alternatives import graph_of, likeliest
from sensorium_speech.commands._vocabulary import Vocabulary
from services.speech.commands.test_vocabulary import phrases, vocabulary


def margins(made: Vocabulary, **by_token: float) -> npt.NDArray[np.float32]:
    """How far each arc stays behind: as the token that it belongs to, 0 where that is not named."""
    return np.array([by_token.get(made.tokens[arc.owner].text, 0.0) for arc in made.graph.arcs], np.float32)


def texts(made: Vocabulary, sequences: list[tuple[int, ...]]) -> list[str]:
    return [" ".join(made.tokens[token].text for token in sequence) for sequence in sequences]


def test_a_sequence_is_as_likely_as_its_least_likely_token_allows() -> None:
    made = vocabulary(phrases("start {machine}", "stop"))
    behind = margins(made, stop=-4.0, lathe=-1.0, left=-2.0, press=-2.0, one=-5.0)
    assert texts(made, likeliest(made, behind, within=9, most=9)) == [
        "start lathe",
        "start left press",
        "stop",
        "start press one",
    ]


def test_what_is_too_far_behind_is_left_out() -> None:
    made = vocabulary(phrases("start {machine}", "stop"))
    behind = margins(made, stop=-4.0, lathe=-1.0, left=-9.0, press=-9.0, one=-9.0)
    assert texts(made, likeliest(made, behind, within=5, most=9)) == ["start lathe", "stop"]


def test_sequences_have_a_bound() -> None:
    made = vocabulary(phrases("heat to {speed} {unit}"))
    found = likeliest(made, np.zeros(len(made.graph.arcs), np.float32), within=5, most=24)
    assert len(found) == len(set(found)) == 24
    assert all(text.startswith("heat to ") for text in texts(made, found))


def test_a_graph_of_sequences_says_nothing_else() -> None:
    made = vocabulary(phrases("start {machine}", "stop"))
    wanted = likeliest(made, margins(made, stop=-9.0, one=-9.0), within=5, most=9)
    graph, ends = graph_of(made, wanted)
    assert sorted(texts(made, wanted)) == ["start lathe", "start left press"]
    assert graph.lasts.tolist() == sorted(ends.values())
    said = [made.tokens[arc.owner].text for arc in graph.arcs]
    assert {word: said.count(word) for word in set(said)} == {"start": 5, "lathe": 5, "left": 4, "press": 5}
