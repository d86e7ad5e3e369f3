"""docs/settings.md has every setting with its default, and none that is not there."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from sensorium_client._defaults import SPEECH, TEXT, VISION
from sensorium_client.stack.settings import StackSettings
from sensorium_core.settings import ServiceSettings
from sensorium_core.telemetry.switches import TelemetrySwitches
from sensorium_models.embedded.settings import TritonSettings
from sensorium_speech.settings import SpeechSettings
from sensorium_text.settings import TextSettings
from sensorium_vision.settings import VisionSettings
from unit.docs.tables import names, rows, section

PAGE = "settings.md"
SHARED = Path(__file__).parents[3] / "shared"
CORES = os.cpu_count() or 2
UNITS = {"": 1, "s": 1, "MiB": 1 << 20, "GiB": 1 << 30}
OF_EACH_SERVICE = {"listen", "metrics_port"}
NOTHING = (None, "", (), SecretStr(""))


def documented(heading: str) -> dict[str, str]:
    """The default of each setting as its table says."""
    found: dict[str, str] = {}
    for cells in rows(section(PAGE, heading)):
        assert len(cells) == 3, cells
        for name in names(cells[0]):
            assert name.lower() not in found, f"{name} is there twice"
            found[name.lower()] = cells[1]
    return found


def defaults(settings: type[BaseSettings]) -> dict[str, Any]:
    return {name: field.default for name, field in settings.model_fields.items()}


def says(cell: str, default: Any) -> bool:
    """Whether a cell names a default."""
    if default in NOTHING:
        return cell == ""
    if isinstance(default, bool):
        return cell == str(default).lower()
    if cell == "cores":
        return bool(default == CORES)
    if isinstance(default, int | float):
        number = re.fullmatch(r"([0-9.]+) ?(s|MiB|GiB|)", cell)
        return number is not None and float(number[1]) * UNITS[number[2]] == default
    return cell == (",".join(default) if isinstance(default, tuple) else str(default))


def assert_documented(heading: str, expected: Mapping[str, Any], besides: Iterable[str] = ()) -> None:
    found = documented(heading)
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    wrong = {
        name: (found[name], default)
        for name, default in expected.items()
        if name not in besides and not says(found[name], default)
    }
    assert not wrong


def test_settings_of_every_service() -> None:
    assert_documented("Every service", defaults(ServiceSettings), OF_EACH_SERVICE)


@pytest.mark.parametrize(
    ("heading", "settings"), [("Vision", VisionSettings), ("Speech", SpeechSettings), ("Text", TextSettings)]
)
def test_a_service_has_what_is_its_own_or_other_than_elsewhere(heading: str, settings: type[ServiceSettings]) -> None:
    common = defaults(ServiceSettings)
    own = {
        name: default for name, default in defaults(settings).items() if name not in common or common[name] != default
    }
    assert_documented(heading, own)


def test_settings_of_the_embedded_triton() -> None:
    assert_documented("Embedded Triton", defaults(TritonSettings))


def test_settings_of_the_stack() -> None:
    parts = {"triton", "services"}  # which have tables of their own
    assert_documented("The stack", {k: v for k, v in defaults(StackSettings).items() if k not in parts})


def test_variables_of_callers_and_commands() -> None:
    read = {service.address_variable for service in (VISION, SPEECH, TEXT)}
    for file in [SHARED / "sensorium_client" / "_security.py", *(SHARED / "sensorium_client" / "cli").rglob("*.py")]:
        if file.name != "certs.py":  # which writes variables of other processes
            read |= set(re.findall(r'"(SENSORIUM_[A-Z_]+[A-Z])"', file.read_text()))
    found = [name for cells in rows(section(PAGE, "Callers and commands")) for name in names(cells[0])]
    assert sorted(found) == sorted(read)


def test_the_variables_of_telemetry() -> None:
    switches = section("operating.md", "Switches")
    told = {name for cells in rows(switches) for name in names(cells[0])}
    others = {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"}  # the same for traces alone
    assert {f"OTEL_{name.upper()}" for name in TelemetrySwitches.model_fields} - others <= told


def test_every_class_of_settings_is_held_against_the_page() -> None:
    held = {"SecuritySettings", "ServiceSettings", "VisionSettings", "SpeechSettings", "TextSettings"}
    held |= {"TritonSettings", "StackSettings", "TelemetrySwitches"}
    bases = {"BaseSettings", "ServiceSettings", "SecuritySettings"}
    found = set()
    for file in [*SHARED.rglob("*.py"), *(SHARED.parent / "services").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in bases for b in node.bases):
                found.add(node.name)
    assert found == held
