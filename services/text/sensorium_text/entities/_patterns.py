"""Patterns of callers and of the configuration, matched by RE2 within bounds on matches and on time.

RE2 finds one match in linear time; finding all of them takes quadratic time for some patterns and texts, such as
`x*y|x` on many x.
"""

import time
from collections.abc import Iterator

from sensorium_core.errors import InvalidInputError
from sensorium_text.domain import Entity, EntityPattern, EntityType, Span

# What one text may have of the type CUSTOM.
MOST_CUSTOM = 10_000
# Seconds of processor time that all patterns may take on one text; the search under way ends first.
MOST_SECONDS = 2.0


class CustomBudget:
    """What is left for one text of matches and of time.

    Args:
        most: matches.
        seconds: processor time of the thread.
    """

    def __init__(self, most: int = MOST_CUSTOM, seconds: float = MOST_SECONDS) -> None:
        self._most = self._left = most
        self._end = time.thread_time() + seconds

    def take(self, field: str) -> None:
        """Counts one match.

        Raises:
            InvalidInputError: TOO_MANY_MATCHES, PATTERNS_TOO_SLOW.
        """
        self._left -= 1
        if self._left < 0:
            problem = (
                f"more than {self._most} matches of patterns and gazetteers in one text; ask for something rarer or "
                "divide the text"
            )
            raise InvalidInputError.field(field, problem, reason="TOO_MANY_MATCHES", limit=str(self._most))
        self.check_time(field)

    def check_time(self, field: str) -> None:
        """Whether time is left.

        Raises:
            InvalidInputError: PATTERNS_TOO_SLOW.
        """
        if time.thread_time() > self._end:
            problem = "the patterns take too long on this text; avoid long repeats such as `.*` before an alternative"
            raise InvalidInputError.field(field, problem, reason="PATTERNS_TOO_SLOW")


def find_patterns(text: str, pattern: EntityPattern, budget: CustomBudget, field: str) -> Iterator[Entity]:
    """The pattern's matches that are not empty; the first group where the pattern has one and it took part.

    Args:
        text: the text.
        pattern: what to look for.
        budget: of the text; matches count before they are looked at.
        field: path of the pattern in the request, for errors.

    Raises:
        InvalidInputError: TOO_MANY_MATCHES, PATTERNS_TOO_SLOW.
    """
    group = 1 if pattern.pattern.groups else 0
    for match in pattern.pattern.finditer(text):
        budget.take(field)
        begin, end = match.span(group)
        if 0 <= begin < end:
            yield Entity(EntityType.CUSTOM, Span(begin, end), 1.0, name=pattern.name)
    budget.check_time(field)
