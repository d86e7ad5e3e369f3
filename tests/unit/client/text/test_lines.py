from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from sensorium_client.cli.text._lines import split_lines

CHUNKS = st.lists(st.binary(min_size=1, max_size=6) | st.sampled_from([b"\n", b"\r\n", b"a\n\nb"]), max_size=12)


@given(CHUNKS)
def test_lines_do_not_depend_on_how_the_bytes_come(chunks: list[bytes]) -> None:
    left = iter(chunks)
    lines = list(split_lines(lambda _: next(left, b"")))
    assert lines == io.BytesIO(b"".join(chunks)).readlines()
