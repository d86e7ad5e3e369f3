"""Who may call what, and how much of it: a small file, deny by default.

    [[allow]]
    identities = ["mtls:spiffe://plant.example/line-*"]
    methods = ["sensorium.vision.v1.VisionService/*"]
    models = ["*"]

    [[quota]]
    identities = ["key:*"]
    requests_per_second = 50

`*` stands for any characters, `?` for one. An identity may do what any of the rules that name it allows; the first
quota that names it is the one it has, for itself alone.
"""

import tomllib
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import re2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sensorium_core.reload import ConfigurationError
from sensorium_core.security.identity import Identity

_MOST_BYTES = 1024 * 1024
_MOST_CACHED = 4096
_NOTHING = r"[^\s\S]"
Globs = Annotated[tuple[str, ...], Field(min_length=1)]
Rate = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AllowRule(_Entry):
    """Identities that may call methods, and have them use models."""

    identities: Globs
    methods: Globs
    models: tuple[str, ...]


class Quota(_Entry):
    """What one identity may take; None sets no limit.

    Attributes:
        identities: whom it is for; each has the whole of it.
        requests_per_second: calls and items of streams, on average.
        burst: how many may come at once after a pause; by default those of one second.
        concurrent_calls: calls and items under way.
        bytes_per_minute: bytes of requests, on average; a minute's worth may come at once.
        weight: share of a busy service, against the others' weights.
    """

    identities: Globs = ("*",)
    requests_per_second: Rate | None = None
    burst: Count | None = None
    concurrent_calls: Count | None = None
    bytes_per_minute: Count | None = None
    weight: Rate = 1.0


class _File(_Entry):
    allow: tuple[AllowRule, ...] = ()
    quota: tuple[Quota, ...] = ()


NO_QUOTA = Quota()


class Grant:
    """What an identity may do by one method.

    Attributes:
        allowed: whether it may call it.
        quota: what it may take, by whatever method.
    """

    __slots__ = ("_models", "_rules", "allowed", "quota")

    def __init__(self, rules: Iterable["_Rule"], quota: Quota) -> None:
        self._rules = tuple(rules)
        self._models: dict[str, bool] = {}
        self.allowed = bool(self._rules)
        self.quota = quota

    def allows_model(self, name: str) -> bool:
        """Whether the method may use the model for the identity; `name` is that of a model of this service."""
        known = self._models.get(name)
        if known is None:
            known = self._models[name] = any(rule.models.matches(name) for rule in self._rules)
        return known


class Policy:
    """A policy as it was read; it does not change.

    Args:
        file: what the file says.
    """

    def __init__(self, file: _File) -> None:
        self._rules = [_Rule(rule) for rule in file.allow]
        self._quotas = [(_Globs(quota.identities), quota) for quota in file.quota]
        self._grants: OrderedDict[tuple[Identity, str], Grant] = OrderedDict()

    def grant(self, identity: Identity, method: str) -> Grant:
        """What the identity may do by a method, such as `sensorium.vision.v1.VisionService/Classify`."""
        known = self._grants.get((identity, method))
        if known is None:
            known = self._grants[identity, method] = self._decide(str(identity), method)
            if len(self._grants) > _MOST_CACHED:
                self._grants.popitem(last=False)
        return known

    def _decide(self, principal: str, method: str) -> Grant:
        rules = (rule for rule in self._rules if rule.identities.matches(principal) and rule.methods.matches(method))
        quota = next((quota for globs, quota in self._quotas if globs.matches(principal)), NO_QUOTA)
        return Grant(rules, quota)


def read(path: Path) -> Policy:
    """The policy in a file.

    Raises:
        ConfigurationError: the file is missing, no TOML, or says something that has no meaning.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    if len(text) > _MOST_BYTES:
        raise ConfigurationError(f"{path}: longer than {_MOST_BYTES} bytes")
    try:
        return parse(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def parse(text: bytes) -> Policy:
    """The policy in the text of a file.

    Raises:
        ConfigurationError: it is no TOML, or says something that has no meaning.
    """
    try:
        return Policy(_File.model_validate(tomllib.loads(text.decode())))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ConfigurationError(f"{place}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:  # of TOML, and of UTF-8
        raise ConfigurationError(str(error)) from error


class _Globs:
    """Patterns of which one must match; RE2 matches in linear time, however many stars there are."""

    def __init__(self, patterns: Iterable[str]) -> None:
        options: Any = re2.Options()
        options.dot_nl = True
        alternatives = [_expression(pattern) for pattern in patterns]
        self._expression = re2.compile("|".join(alternatives) if alternatives else _NOTHING, options)

    def matches(self, text: str) -> bool:
        return self._expression.fullmatch(text) is not None


class _Rule:
    def __init__(self, rule: AllowRule) -> None:
        self.identities = _Globs(rule.identities)
        self.methods = _Globs(rule.methods)
        self.models = _Globs(rule.models)


def _expression(pattern: str) -> str:
    parts = {"*": ".*", "?": "."}
    return "".join(parts.get(character) or str(re2.escape(character)) for character in pattern)
