"""How units of measure are spoken, and their codes in UCUM (the Unified Code for Units of Measure, ucum.org)."""

from collections.abc import Mapping

# A code and how it is said, on each line. Where a unit may be the meaning of the same words as another, such as
# `degrees`, a slot takes them for the first of its units.
_SPOKEN = """
%: percent
[ppm]: parts per million | p p m
1: pieces | units
mm: millimeters | millimeter
cm: centimeters | centimeter
m: meters | meter
km: kilometers | kilometer
um: micrometers | micrometer | microns | micron
[in_i]: inches | inch
[ft_i]: feet | foot
[mil_i]: thou | mil | mils
m2: square meters | square meter
mm2: square millimeters | square millimeter
m3: cubic meters | cubic meter
L: liters | liter
mL: milliliters | milliliter
[gal_us]: gallons | gallon
g: grams | gram
kg: kilograms | kilogram | kilos | kilo
mg: milligrams | milligram
t: tons | ton | tonnes
[lb_av]: pounds | pound
[oz_av]: ounces | ounce
s: seconds | second
ms: milliseconds | millisecond
min: minutes | minute
h: hours | hour
d: days | day
Cel: degrees celsius | degree celsius | celsius | degrees centigrade | degrees | degree
[degF]: degrees fahrenheit | degree fahrenheit | fahrenheit | degrees | degree
K: kelvin
deg: degrees | degree | angular degrees
bar: bar | bars
mbar: millibar | millibars
Pa: pascals | pascal
hPa: hectopascals | hectopascal
kPa: kilopascals | kilopascal
MPa: megapascals | megapascal
[psi]: p s i | pounds per square inch
N: newtons | newton
kN: kilonewtons | kilonewton
N.m: newton meters | newton meter
[lbf_av].[ft_i]: foot pounds | foot pound
V: volts | volt
mV: millivolts | millivolt
kV: kilovolts | kilovolt
A: amps | amp | amperes | ampere
mA: milliamps | milliamp | milliamperes
W: watts | watt
kW: kilowatts | kilowatt
MW: megawatts | megawatt
kW.h: kilowatt hours | kilowatt hour
Ohm: ohms | ohm
Hz: hertz
kHz: kilohertz
MHz: megahertz
[rpm]: r p m | revolutions per minute
m/s: meters per second
m/min: meters per minute
mm/s: millimeters per second
mm/min: millimeters per minute
km/h: kilometers per hour
L/min: liters per minute
L/h: liters per hour
m3/h: cubic meters per hour
kg/h: kilograms per hour
/min: per minute
/h: per hour
dB: decibels | decibel
lx: lux
"""


def _table() -> dict[str, tuple[str, ...]]:
    lines = (line.partition(": ") for line in _SPOKEN.strip().splitlines())
    return {_UCUM.get(code, code): tuple(spoken.split(" | ")) for code, _, spoken in lines}


# Codes for what UCUM itself does not name, or writes in a way that the table above could not be read with.
_UCUM = {"[rpm]": "{rev}/min"}
SPOKEN_UNITS: Mapping[str, tuple[str, ...]] = _table()
"""The ways in which each unit is said, by UCUM code."""
