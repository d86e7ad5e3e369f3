"""What the importer must know of a kind of model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sensorium_models.errors import ModelError
from sensorium_models.workplace import ModelFolder

__all__ = ["Imported", "Kind", "Wishes"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import gave.

    Attributes:
        model: Where it is served from.
        capability: What services use it for.
        size_bytes: Of its graphs.
        error: Largest difference between graph and network on real sentences or sounds, in units of the output.
        max_tokens: Longest sequence; 0 where it reads none.
        max_seconds: Longest sound; 0 where it hears none.
    """

    model: ModelFolder
    capability: str
    size_bytes: int
    error: float
    max_tokens: int = 0
    max_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What who imports a model says of it.

    Attributes:
        languages: That it knows, as BCP 47 codes; none where nothing was said.
        compact: Whether the graph may be smaller and faster than exact.
        origin: Name of the folder that it comes from.
    """

    languages: tuple[str, ...]
    compact: bool
    origin: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of model.

    Attributes:
        needed, optional: Files that are read, besides the weights.
        make: Makes the model of a private copy of the folder, in another one.
    """

    needed: Sequence[str]
    optional: Sequence[str]
    make: Callable[[ModelFolder, Path, Path, Wishes], Imported]


def exact_only(wishes: Wishes) -> None:
    """Refuse a compact graph where there is none.

    Raises:
        ModelError: One is wanted.
    """
    if wishes.compact:
        raise ModelError("models of this kind have no compact form; leave --compact out")
