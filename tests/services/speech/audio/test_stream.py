import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.errors import InvalidInputError
from sensorium_speech.audio import AudioLimits, StreamDecoder, decode, read_header
from sensorium_speech.domain import AudioFormat, Encoding, RawAudio
from services.speech.sounds import tone

LIMITS = AudioLimits(max_seconds=60.0)


@given(st.data())
def test_chunks_of_any_size_give_what_the_whole_gives(data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(list(Encoding)))
    audio_format = AudioFormat(encoding, data.draw(st.sampled_from([8_000, 16_000, 44_100])), 2)
    bounds = sorted(data.draw(st.lists(st.integers(0, 8000), max_size=10)))
    sound = np.random.default_rng(0).integers(0, 256, 8000 // audio_format.frame_bytes * audio_format.frame_bytes)
    content = (sound % 64).astype(np.uint8).tobytes()  # no float of such bytes is infinite
    decoder = StreamDecoder(audio_format, separate=True)
    pieces = [decoder.feed(content[a:b]) for a, b in zip([0, *bounds], [*bounds, len(content)], strict=True)]
    whole = RawAudio(audio_format, content)
    expected = decode(whole, read_header(whole, LIMITS), LIMITS, separate=True).tracks
    assert np.array_equal(np.concatenate([*pieces, decoder.finish()], axis=1), expected)


def test_channels_are_mixed_or_kept_apart() -> None:
    audio_format = AudioFormat(Encoding.UINT8, 16_000, 2)
    assert StreamDecoder(audio_format, separate=False).feed(bytes([128, 132])).tolist() == [[512]]
    assert StreamDecoder(audio_format, separate=True).feed(bytes([128, 132])).tolist() == [[0], [1024]]
    assert [StreamDecoder(audio_format, separate=separate).tracks for separate in (False, True)] == [1, 2]


def test_a_sample_cut_at_the_end_is_dropped() -> None:
    decoder = StreamDecoder(AudioFormat(Encoding.LINEAR16, 16_000), separate=False)
    assert decoder.feed(b"\x01\x00\x02").tolist() == [[1]]
    assert decoder.finish().tolist() == [[]]


def test_a_number_that_is_not_finite_is_refused() -> None:
    decoder = StreamDecoder(AudioFormat(Encoding.FLOAT32, 16_000), separate=False)
    with pytest.raises(InvalidInputError) as caught:
        decoder.feed(np.array([np.nan], "<f4").tobytes())
    assert caught.value.reason == "AUDIO_CORRUPT"


def test_a_stream_of_an_hour_holds_nothing_back() -> None:
    decoder = StreamDecoder(AudioFormat(Encoding.LINEAR16, 48_000), separate=False)
    chunk = (tone(10, 48_000) * 32767).astype("<i2").tobytes()
    received = sum(decoder.feed(chunk).shape[1] for _ in range(360))
    assert 3600 * 16_000 - received < 1600  # a tenth of a second at most is on its way through the filter
