"""Which of Triton's log lines are worth a person's attention."""

import re

__all__ = ["is_noteworthy"]

# "W1122 03:07:29.186845 5639 file.cc:273] text"
_LINE = re.compile(r"^(?P<level>[IWE])\d{4} [\d:.]+ \d+ (?P<place>\S+)\](?: |$)")
# A machine without a GPU gets these at each start; they say so and nothing else.
_HARMLESS = ("pinned_memory_manager.cc", "CudaDriverHelper", "CUDA")
# Tables of the start, and "Signal (15) received." of a stop.
_START_AND_STOP = ("+-", "|", "Signal (")


def is_noteworthy(line: str) -> bool:
    """Whether a line is a warning, an error, or output of a model's own process; not start-up tables and progress."""
    match = _LINE.match(line)
    if match is None:
        return bool(line.strip()) and not line.startswith(_START_AND_STOP)
    return match["level"] != "I" and not any(words in line for words in _HARMLESS)
