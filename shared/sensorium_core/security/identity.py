"""Who calls."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeGuard


class IdentityKind(StrEnum):
    """What proved an identity; part of its name in policies, so that no kind can pass for another."""

    MTLS = "mtls"
    JWT = "jwt"
    API_KEY = "key"


@dataclass(frozen=True)
class Identity:
    """A caller.

    Attributes:
        name: SPIFFE id or common name of its certificate, subject of its token, or name of its API key.
        kind: what proved it.
    """

    name: str
    kind: IdentityKind

    @cached_property
    def principal(self) -> str:
        """As policies and logs name it: `mtls:spiffe://plant/cell-7`."""
        return f"{self.kind}:{self.name}"

    def __hash__(self) -> int:
        """That of the name, which Python remembers; identities are looked up several times a call."""
        return hash(self.name)

    def __str__(self) -> str:
        """The principal."""
        return self.principal


@dataclass(frozen=True, slots=True)
class Credential:
    """A proven identity.

    Attributes:
        identity: whose.
        check: raises UnauthenticatedError once the proof is no longer good: expired or revoked.
    """

    identity: Identity
    check: Callable[[], None]


LONGEST_NAME = 256


def is_name(text: object) -> TypeGuard[str]:
    """Whether this may be the name of an identity: it goes into logs and headers."""
    return isinstance(text, str) and 0 < len(text) <= LONGEST_NAME and text.isprintable()
