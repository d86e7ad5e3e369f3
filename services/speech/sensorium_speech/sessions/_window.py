"""The responses of a session that can still be asked for."""

from collections.abc import Hashable, Iterator
from typing import Generic, NamedTuple, TypeVar

from sensorium_core.errors import OutOfRangeError

R = TypeVar("R")
MOST_RESPONSES = 1000


class Numbered(NamedTuple, Generic[R]):
    """A response and its number in the session."""

    number: int
    response: R


class ResultWindow(Generic[R]):
    """Keeps the newest responses; an interim one only until the next of the same channel.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = MOST_RESPONSES) -> None:
        self.count = 0  # responses that there were
        self._most = most
        self._kept: dict[int, R] = {}
        self._replaceable: dict[Hashable, int] = {}
        self._first = 0  # number of the oldest response that did not have to go

    def append(self, response: R, replaces: Hashable = None, *, interim: bool = False) -> None:
        """Adds a response.

        Args:
            response: the newest.
            replaces: the interim response under this key goes; None for no key.
            interim: whether a later one under the key will replace this one.
        """
        before = self._replaceable.pop(replaces, None)
        if before is not None:
            self._kept.pop(before, None)
        self._kept[self.count] = response
        if interim:
            self._replaceable[replaces] = self.count
        self.count += 1
        if len(self._kept) > self._most:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            self._first = oldest + 1

    def since(self, number: int) -> Iterator[Numbered[R]]:
        """The kept responses from a number on.

        Raises:
            OutOfRangeError: RESULTS_GONE: there were some that are no longer kept.
        """
        if number < self._first:
            text = f"responses before number {self._first} are no longer kept"
            raise OutOfRangeError.field("first_number", text, reason="RESULTS_GONE", first_number=str(self._first))
        return iter([Numbered(one, response) for one, response in self._kept.items() if one >= number])
