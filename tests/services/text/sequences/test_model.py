"""Sequences of many callers in common batches, padded and cut."""

import numpy as np
import pytest

from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_text.domain import Floats, Ids
from sensorium_text.sequences._model import padded, padded_length
from services.text.standins import CLS, SEP, Characters, Served, sequence_model


def ids(*values: int) -> Ids:
    return np.array(values, np.int32)


def sums(tensor: Ids) -> Floats:
    result: Floats = np.where(tensor >= 0, tensor, 0).astype(np.float32).sum(1, keepdims=True)
    return result


def each_id(tensor: Ids) -> Floats:
    return tensor.astype(np.float32)[..., None]


class Lexemes(Characters):
    """A tokenizer without special tokens."""

    prefix: tuple[int, ...] = ()
    suffix: tuple[int, ...] = ()


def counted(metrics: Metrics, name: str) -> float:
    return metrics.registry.get_sample_value(name, {"model": "sums"}) or 0.0


async def test_special_tokens_stand_around_what_is_sent(work: BoundedExecutor, metrics: Metrics) -> None:
    served = Served("sums", sums)
    (result,) = await sequence_model(served, work, metrics).run([ids(1, 2, 3)])
    assert served.asked[0].tolist() == [[CLS, 1, 2, 3, SEP, -1, -1, -1]]
    assert result.tolist() == [CLS + 6 + SEP]


async def test_rows_of_tokens_are_aligned_with_the_ids_given(work: BoundedExecutor, metrics: Metrics) -> None:
    served = Served("tokens", each_id, dims=(-1, -1, 1))
    rows = await sequence_model(served, work, metrics).run([ids(5, 6), ids(7, 8, 9)])
    assert [row[:, 0].tolist() for row in rows] == [[5, 6], [7, 8, 9]]


async def test_tokens_of_several_numbers_keep_them(work: BoundedExecutor, metrics: Metrics) -> None:
    served = Served("tokens", lambda tensor: tensor.astype(np.float32), dims=(-1, -1, 2))
    model = sequence_model(served, work, metrics, tokenizer=Lexemes())
    (rows,) = await model.run([np.array([[1, 2], [3, 4]], np.int32)])
    assert served.asked[0].shape == (1, 8, 2)
    assert served.asked[0][0, 2].tolist() == [-1, -1]
    assert rows.tolist() == [[1, 2], [3, 4]]


async def test_what_is_too_long_is_cut_in_front_of_the_last_special_token(
    work: BoundedExecutor, metrics: Metrics
) -> None:
    served = Served("sums", sums)
    limited = sequence_model(served, work, metrics, max_tokens="4")
    assert limited.max_tokens == 2
    await limited.run([ids(1, 2, 3)])
    assert served.asked[0][0, :4].tolist() == [CLS, 1, 2, SEP]


async def test_sequences_of_similar_length_share_a_request_and_answers_keep_their_order(
    work: BoundedExecutor, metrics: Metrics
) -> None:
    served = Served("sums", sums)
    lengths = [3, 14, 4, 15, 5, 16]
    results = await sequence_model(served, work, metrics).run([np.ones(length, np.int32) for length in lengths])
    assert [result[0] - CLS - SEP for result in results] == lengths
    assert [tensor.shape for tensor in served.asked] == [(3, 8), (1, 16), (2, 24)]


async def test_a_request_holds_no_more_tokens_than_delay_allows(work: BoundedExecutor, metrics: Metrics) -> None:
    served = Served("sums", sums)
    await sequence_model(served, work, metrics, max_tokens="600").run([np.ones(500, np.int32) for _ in range(12)])
    assert max(tensor.size for tensor in served.asked) <= 2048
    assert max(len(tensor) for tensor in served.asked) == 4


async def test_a_request_holds_no_more_sequences_than_the_model_takes(work: BoundedExecutor, metrics: Metrics) -> None:
    served = Served("sums", sums, max_batch=3)
    await sequence_model(served, work, metrics).run([ids(1)] * 20)
    assert max(len(tensor) for tensor in served.asked) == 3


async def test_tokens_and_padding_are_counted(work: BoundedExecutor, metrics: Metrics) -> None:
    await sequence_model(Served("sums", sums), work, metrics).run([ids(1, 2, 3)])
    assert counted(metrics, "sensorium_tokens_total") == 5
    assert counted(metrics, "sensorium_padding_tokens_total") == 3


async def test_tokenizing_runs_in_the_executor(work: BoundedExecutor, metrics: Metrics) -> None:
    encodings = await sequence_model(Served("sums", sums), work, metrics).encode(["ab", "泵"])
    assert [encoding.ids.tolist() for encoding in encodings] == [[97, 98], [27893]]


@pytest.mark.parametrize(
    ("length", "expected"), [(1, 8), (8, 8), (9, 12), (13, 16), (25, 32), (512, 512), (513, 1024), (1025, 1536)]
)
def test_lengths_are_rounded_up_to_few_values(length: int, expected: int) -> None:
    assert padded_length(length) == expected


def test_padding_is_what_no_token_is() -> None:
    assert padded([ids(1, 2), ids(3)], 3).tolist() == [[1, 2, -1], [3, -1, -1]]
    pairs = [ids(1, 2, 3, 4).reshape(2, 2), ids(5, 6).reshape(1, 2)]
    assert padded(pairs, 2).tolist() == [[[1, 2], [3, 4]], [[5, 6], [-1, -1]]]
