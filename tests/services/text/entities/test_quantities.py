"""Numbers, units and what they mean together."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ucumvert import PintUcumRegistry

from sensorium_text.domain import Quantity
from sensorium_text.entities._numbers import numbers, parse_decimal
from sensorium_text.entities._quantities import find_quantities
from sensorium_text.entities._unit_table import LOOSE_SPELLINGS, SPELLINGS
from sensorium_text.entities._units import MOST_COMPOSED, is_ucum


def only_quantity(text: str) -> Quantity:
    (entity,) = find_quantities(text)
    assert entity.quantity is not None
    return entity.quantity


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("4.5", 4.5),
        ("4,5", 4.5),
        ("0,200", 0.2),
        ("1,200", 1200.0),
        ("1.200", 1.2),
        ("1,200.5", 1200.5),
        ("1.200,5", 1200.5),
        ("12,345,678", 12345678.0),
        (".004", 0.004),
        ("1,2,3", None),
        ("1.2.3", None),
        ("05.03.2024", None),
        ("1234567890123456789", None),
    ],
)
def test_decimals(written: str, value: float | None) -> None:
    assert parse_decimal(written, decimal_comma=False) == value


def test_where_decimals_have_commas_a_point_groups_thousands() -> None:
    assert [number.value for number in numbers("0,75 mm; 1.200 kg; 1,200 g")] == [0.75, 1200.0, 1.2]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.2e3 Pa", 1200.0), ("5×10^-2 Pa", 0.05), ("5 x 10⁻² Pa", 0.05), ("2·10³ Pa", 2000.0), ("1e999 Pa", None)],
)
def test_exponents(text: str, value: float | None) -> None:
    assert [number.value for number in numbers(text)] == ([] if value is None else [value])


@pytest.mark.parametrize(("text", "value"), [("½ in", 0.5), ("2½ in", 2.5), ("3/8 in", 0.375), ("1-1/4 in", 1.25)])
def test_fractions(text: str, value: float) -> None:
    assert only_quantity(text) == Quantity(value, None, "[in_i]")


def test_digits_in_threes_with_spaces_are_one_number_with_less_confidence() -> None:
    (plain,), (fixed,) = find_quantities("12 000 rpm"), find_quantities("12\u202f000 rpm")
    assert plain.quantity == fixed.quantity == Quantity(12000.0, None, "{rev}/min")
    assert plain.confidence < fixed.confidence


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("10-12 bar", Quantity(10, 12, "bar")),
        ("10 – 12 bar", Quantity(10, 12, "bar")),
        ("10 bis 12 bar", Quantity(10, 12, "bar")),
        ("10...12 bar", Quantity(10, 12, "bar")),
        ("-5 to 5 °C", Quantity(-5, 5, "Cel")),
        ("4 °C–8 °C", Quantity(4, 8, "Cel")),
        ("±2 mm", Quantity(-2, 2, "mm")),
        ("+/- 2 mm", Quantity(-2, 2, "mm")),
        ("10 ± 2 mm", Quantity(8, 12, "mm")),
        ("<5 bar", Quantity(-math.inf, 5, "bar")),
        ("≤ 5 bar", Quantity(-math.inf, 5, "bar")),
        (">= 5 bar", Quantity(5, math.inf, "bar")),
        ("＞5 bar", Quantity(5, math.inf, "bar")),
        ("=> 5 bar", Quantity(5, None, "bar")),
    ],
)
def test_ranges_and_bounds(text: str, quantity: Quantity) -> None:
    assert only_quantity(text) == quantity


def test_the_span_covers_sign_bound_number_and_unit() -> None:
    text = "was > -5 °C."
    (entity,) = find_quantities(text)
    assert entity.span.of(text) == "> -5 °C"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5 kg/h", "kg/h"),
        ("5 kWh/t", "kW.h/t"),
        ("5 l per minute", "l/min"),
        ("5 g/cm³", "g/cm3"),
        ("5 N/mm2", "N/mm2"),
        ("5 kg·m²", "kg.m2"),
        ("5 mg/kWh", "mg/(kW.h)"),
        ("5 µm", "um"),
        ("5 μm", "um"),
        ("5 ℃", "Cel"),
        ("5 KW", "kW"),
        ("5 Mpa", "MPa"),
        ("5 Nm³/h", "m3{normal}/h"),
        ("5 kg/cm²", "kgf/cm2"),
        ("5 立方米/小时", "m3/h"),
        ("5 千瓦时", "kW.h"),
    ],
)
def test_units(text: str, code: str) -> None:
    assert only_quantity(text).ucum_unit == code


@pytest.mark.parametrize(
    "text",
    [
        "10 A.M.", "5 in the morning", "Rev 2 A", "5 barrels", "5 mé", "P-101 V", "192.168.1.10 V", "10:30 h",
        "x5 bar y", "5 W/(something)", "a#5 bar", "5\nbar", "1990s", "12H", 'said "about 5"',
        "5安全阀", "3分厂", "2升级", "5",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_quantity(text: str) -> None:
    assert find_quantities(text) == []


def test_a_text_has_only_so_many_different_composed_units() -> None:
    symbols = ["kg", "m", "N", "t", "h", "s", "d"]
    units = [f"{a}/{b}/{c}" for a, b, c in product(symbols, symbols, symbols)]
    assert len(units) > MOST_COMPOSED
    found = find_quantities(" ".join(f"5 {unit}," for unit in units))
    assert len(found) == MOST_COMPOSED


def test_every_code_of_the_table_is_ucum() -> None:
    registry = PintUcumRegistry()
    for code in {*SPELLINGS.values(), *LOOSE_SPELLINGS.values()}:
        assert is_ucum(code), code
        registry.from_ucum(code)


def test_spellings_mean_what_they_say() -> None:
    registry = PintUcumRegistry()
    sizes = {
        "ft-lb": (1.3558179483, "N*m"),
        "gpm": (3.785411784, "l/min"),
        "cfm": (28.316846592, "l/min"),
        "hp": (745.69987158, "W"),
        "斤": (0.5, "kg"),
        "丝": (10.0, "um"),
        "ksi": (6894757.293, "Pa"),
    }
    for spelling, (size, unit) in sizes.items():
        assert registry.from_ucum(SPELLINGS[spelling]).to(unit).magnitude == pytest.approx(size, rel=1e-4)


@given(st.floats(0, 1e12, allow_nan=False).map(lambda value: round(value, 4)), st.sampled_from(sorted(SPELLINGS)))
def test_any_number_before_any_unit_is_a_quantity_or_nothing(value: float, unit: str) -> None:
    text = f"{value} {unit}"
    for entity in find_quantities(text):
        assert entity.quantity is not None
        assert entity.quantity.value == pytest.approx(value)
        assert is_ucum(entity.quantity.ucum_unit)
