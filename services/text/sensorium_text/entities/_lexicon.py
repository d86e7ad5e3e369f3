"""Word lists, written as text with spaces between."""


def words(written: str) -> frozenset[str]:
    """The set of words."""
    return frozenset(written.split())


def listed(written: str) -> tuple[str, ...]:
    """The words in their order."""
    return tuple(written.split())


def either(written: str) -> str:
    """A pattern for any of the words, which may be patterns themselves."""
    return "(?:" + "|".join(written.split()) + ")"
