"""Policies: what they allow, and what is no policy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.reload import ConfigurationError
from sensorium_core.security import policy as policies
from sensorium_core.security.identity import Identity, IdentityKind
from sensorium_core.security.policy import NO_QUOTA, Policy, parse, read

VISION = "sensorium.vision.v1.VisionService"
POLICY = b"""
[[allow]]
identities = ["mtls:spiffe://plant/line-*", "key:gateway"]
methods = ["sensorium.vision.v1.VisionService/*"]
models = ["efficientnet_*"]

[[allow]]
identities = ["mtls:spiffe://plant/line-?"]
methods = ["sensorium.vision.v1.VisionService/ReadText"]
models = ["ppocr*"]

[[allow]]
identities = ["jwt:auditor"]
methods = ["*/ListModels", "grpc.reflection.v1alpha.ServerReflection/*"]
models = []

[[quota]]
identities = ["key:*"]
requests_per_second = 10

[[quota]]
identities = ["*"]
weight = 2
bytes_per_minute = 1000
"""


def identity(principal: str) -> Identity:
    kind, _, name = principal.partition(":")
    return Identity(name, IdentityKind(kind))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return parse(POLICY)


@pytest.mark.parametrize(
    ("principal", "method", "allowed"),
    [
        ("mtls:spiffe://plant/line-7", "Classify", True),
        ("mtls:spiffe://plant/line-7/cell", "Classify", True),
        ("key:gateway", "Classify", True),
        ("key:gateway2", "Classify", False),
        ("jwt:gateway", "Classify", False),
        ("mtls:gateway", "Classify", False),
        ("mtls:spiffe://plant/lin", "Classify", False),
        ("mtls:xspiffe://plant/line-7", "Classify", False),
        ("jwt:auditor", "ListModels", True),
        ("jwt:auditor", "Classify", False),
    ],
)
def test_a_method_is_allowed_by_a_rule_that_names_both(
    policy: Policy, principal: str, method: str, allowed: bool
) -> None:
    assert policy.grant(identity(principal), f"{VISION}/{method}").allowed is allowed


@pytest.mark.parametrize(
    ("principal", "method", "models"),
    [
        ("mtls:spiffe://plant/line-7", "Classify", ["efficientnet_lite0"]),
        ("mtls:spiffe://plant/line-7", "ReadText", ["efficientnet_lite0", "ppocr_line"]),
        ("mtls:spiffe://plant/line-77", "ReadText", ["efficientnet_lite0"]),
        ("jwt:auditor", "ListModels", []),
        ("jwt:stranger", "Classify", []),
    ],
)
def test_a_model_is_allowed_by_a_rule_that_names_identity_and_method_too(
    policy: Policy, principal: str, method: str, models: list[str]
) -> None:
    grant = policy.grant(identity(principal), f"{VISION}/{method}")
    assert [name for name in ("efficientnet_lite0", "ppocr_line", "other") if grant.allows_model(name)] == models


def test_an_empty_policy_allows_nothing() -> None:
    grant = parse(b"").grant(identity("key:a"), f"{VISION}/Classify")
    assert (grant.allowed, grant.allows_model("m"), grant.quota) == (False, False, NO_QUOTA)


def test_the_first_quota_that_names_an_identity_is_its_own(policy: Policy) -> None:
    key = policy.grant(identity("key:gateway"), f"{VISION}/Classify").quota
    assert (key.requests_per_second, key.bytes_per_minute, key.weight) == (10, None, 1)
    other = policy.grant(identity("jwt:auditor"), f"{VISION}/Classify").quota
    assert (other.requests_per_second, other.bytes_per_minute, other.weight) == (None, 1000, 2)


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_what_is_no_star_stands_for_itself(text: str) -> None:
    plain = text.replace("*", "").replace("?", "")
    globs = policies._Globs([plain])
    assert globs.matches(plain)
    assert not globs.matches(plain + "x")
    assert policies._Globs([f"a{plain}*"]).matches(f"a{plain}{text}")


def test_many_stars_cost_no_time() -> None:
    assert not policies._Globs(["*a" * 30 + "b"]).matches("a" * 256)


def test_few_decisions_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_MOST_CACHED", 2)
    policy = parse(POLICY)
    names = [identity(f"key:{number}") for number in range(3)]
    first = [policy.grant(name, "m") for name in names]
    assert policy.grant(names[2], "m") is first[2]
    assert policy.grant(names[0], "m") is not first[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[allow]", "Expected"),
        ("[[allow]]\nidentities = ['a']\nmethods = ['b']", "allow.0.models: Field required"),
        (
            "[[allow]]\nidentities = []\nmethods = ['b']\nmodels = []",
            "allow.0.identities: Tuple should have at least 1",
        ),
        (
            "[[allow]]\nidentities = 'a'\nmethods = ['b']\nmodels = []",
            "allow.0.identities: Input should be a valid tuple",
        ),
        ("[[deny]]\nidentities = ['a']", "deny: Extra inputs"),
        ("[[quota]]\nrequests_per_seconds = 1", "quota.0.requests_per_seconds: Extra inputs"),
        ("[[quota]]\nrequests_per_second = 0", "quota.0.requests_per_second: Input should be greater than 0"),
        ("[[quota]]\nweight = -1", "quota.0.weight: Input should be greater than 0"),
        ("\udcff", "utf-8"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_place(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert problem in str(caught.value)


def test_a_missing_and_an_endless_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read(tmp_path / "missing")
    (tmp_path / "long").write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigurationError, match="longer than 1048576 bytes"):
        read(tmp_path / "long")
