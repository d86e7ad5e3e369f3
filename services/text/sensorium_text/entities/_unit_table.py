"""How a plant writes units, and their codes in UCUM (the Unified Code for Units of Measure, ucum.org, version 2.2).

Gauge and absolute pressure and the like are annotations in braces, which UCUM defines to change nothing.
"""

from collections.abc import Mapping

from sensorium_text.entities._lexicon import listed

_PREFIXES = {
    "G": "G",
    "M": "M",
    "k": "k",
    "h": "h",
    "d": "d",
    "c": "c",
    "m": "m",
    "µ": "u",
    "μ": "u",
    "u": "u",
    "n": "n",
    "p": "p",
}

# Symbol: code, prefixes it is written with.
_PREFIXED = {
    "Pa": ("Pa", "GMkhm"),
    "bar": ("bar", "kmµμu"),
    "V": ("V", "MkmµμuG"),
    "A": ("A", "kmµμun"),
    "W": ("W", "GMkmµμu"),
    "Wh": ("W.h", "GMk"),
    "VA": ("V.A", "Mk"),
    "var": ("V.A{reactive}", "Mk"),
    "VAr": ("V.A{reactive}", "Mk"),
    "Ah": ("A.h", "km"),
    "Ω": ("Ohm", "GMkmµμu"),
    "\u2126": ("Ohm", "GMkmµμu"),
    "ohm": ("Ohm", "GMkmµμu"),
    "Ohm": ("Ohm", "GMkmµμu"),
    "F": ("F", "mµμunp"),
    "H": ("H", "mµμu"),
    "Hz": ("Hz", "GMkm"),
    "J": ("J", "GMkm"),
    "N": ("N", "Mkm"),
    "Nm": ("N.m", "Mkmc"),
    "N·m": ("N.m", "Mkm"),
    "N⋅m": ("N.m", "Mkm"),
    "N.m": ("N.m", "Mkm"),
    "N*m": ("N.m", "Mkm"),
    "T": ("T", "mµμu"),
    "S": ("S", "mµμu"),
    "m": ("m", "kdcmµμun"),
    "g": ("g", "kmµμun"),
    "l": ("l", "hdcmµμu"),
    "L": ("L", "mµμu"),
    "s": ("s", "mµμun"),
    "lx": ("lx", "km"),
    "cal": ("cal", "k"),
    "Pas": ("Pa.s", "m"),
    "Pa·s": ("Pa.s", "m"),
    "Pa.s": ("Pa.s", "m"),
    "bit/s": ("bit/s", "GMk"),
}

# A code and how else it is written, on each line.
_WRITINGS = """
# pressure
bar{gauge} : barg | bar(g) | bar g
bar{absolute} : bara | bar(a) | bar a
[psi] : psi | PSI
[psi]{gauge} : psig
[psi]{absolute} : psia
10*3.[psi] : ksi
atm : atm
W/(m2.K) : W/(m²·K) | W/(m2·K) | W/m²K | W/m2K
mm[Hg] : mmHg | Torr
[in_i'Hg] : inHg
mm[H2O] : mmH2O | mmWC | mmWS
m[H2O] : mWS
[in_i'H2O] : inH2O | inWC
kgf/cm2 : kg/cm2 | kg/cm²
# temperature
Cel : °C | ° C | ℃ | ºC | degC | deg C | deg. C | C | degrees C | degrees Celsius | degree Celsius | Celsius
Cel : Grad Celsius
[degF] : °F | ° F | ℉ | ºF | degF | deg F | deg. F | F | degrees F | degrees Fahrenheit | Fahrenheit
K : K | Kelvin
# angle
deg : ° | º | deg | degree | degrees | Grad
rad : rad
mrad : mrad
# turning and other rates
{rev}/min : rpm | RPM | r.p.m. | r/min | rev/min | U/min
/min : 1/min | min-1 | min⁻¹ | min^-1 | /min
/s : 1/s | s-1 | s⁻¹
/h : 1/h
{rev}/s : rps
{stroke}/min : spm | strokes/min
{cycle}/min : cpm | cycles/min
{piece}/h : pcs/h
{piece}/min : pcs/min
# flow and speed
m3/h : m3/h | m3/hr | cbm/h
L/min : lpm | LPM
[gal_us]/min : gpm | GPM
[ft_i]3/min : cfm | CFM
[ft_i]3{standard}/min : scfm
m3{normal}/h : Nm3/h | Nm³/h
m3{normal} : Nm3 | Nm³
km/h : kph
[mi_i]/h : mph
[ft_i]/min : fpm
[in_i]/s : ips | in/sec
# electricity
V : VAC | VDC | V AC | V DC | Vac | Vdc | volt | volts | Volt
kV : kVAC | KV
mA : mADC
A : amp | amps | Amp | Amps | ampere | amperes | Ampere
W : watt | watts | Watt
Ohm : ohms
Hz : hertz
kW : KW
kV.A : KVA
kHz : KHz
kPa : KPa | Kpa
MPa : Mpa | mpa
kW.h : KWH | kwh | KWh
dB : dB
dB{A} : dB(A) | dBA
# length, area, volume
[in_i] : in | inch | inches | " | ″ | ” | Zoll
[ft_i] : ft | feet | foot | ′
[yd_i] : yd | yard | yards
[mi_i] : mile | miles
[mil_i] : mil | mils | thou
um : micron | microns | micrometer | micrometers
mm : millimeter | millimeters | millimetre | millimetres
cm : centimeter | centimeters
m : meter | meters | metre | metres | Meter
km : km
m2 : sqm | qm
[ft_i]2 : sq ft | sqft
[ft_i]3 : cu ft | cuft
cm3 : cc | ccm
m3 : cbm
L : liter | liters | litre | litres | Liter
[gal_us] : gal | gallon | gallons | gals
[qt_us] : qt | qts | quart | quarts
[bbl_us] : bbl
[foz_us] : fl oz
# mass, force, torque
t : t | ton | tons | tonne | tonnes | Tonnen
[lb_av] : lb | lbs | pound | pounds
[oz_av] : oz | ounces
kg : kilo | kilos | kgs | kilogram | kilograms | Kg
g : gram | grams
[lbf_av] : lbf
kgf : kgf
daN : daN
daN.m : daNm
kgf.m : kgf·m | kgf.m
[ft_i].[lbf_av] : ft-lb | ft-lbs | ft lb | ft lbs | ft·lb | lb-ft | lbf·ft | lb ft
[in_i].[lbf_av] : in-lb | in-lbs | in lbs | lb-in
# power, heat, viscosity
[HP] : hp | HP | horsepower
[Btu] : BTU | Btu
[Btu]/h : BTU/h | BTU/hr
cSt : cSt
cP : cP
mPa.s : mPas
# time
h : h | hr | hrs | hour | hours | Std | Stunde | Stunden
min : min | mins | minute | minutes | Minute | Minuten
s : sec | secs | second | seconds | Sekunden
ms : msec
d : d | day | days | Tage | Tagen
wk : week | weeks | wk | wks | Wochen
mo : Monaten | month | months | mo | mos | Monate
a : year | years | Jahre | Jahren
# shares
% : % | ％ | percent | pct | Prozent
[ppth] : ‰
[ppm] : ppm
[ppb] : ppb
# data
kBy : kB
MBy : MB
GBy : GB
TBy : TB
# Chinese
mm : 毫米
cm : 厘米 | 公分
dm : 分米
m : 米
km : 千米 | 公里
um : 微米
10.um : 丝
[in_i] : 英寸 | 寸
[ft_i] : 英尺
m2 : 平方米
mm2 : 平方毫米
m3 : 立方米 | 方 | 立方
L : 升 | 公升
mL : 毫升
kg : 公斤 | 千克
g : 克
mg : 毫克
t : 吨
500.g : 斤
MPa : 兆帕
kPa : 千帕
Pa : 帕
bar : 巴
mbar : 毫巴
kgf : 公斤力
Cel : 摄氏度
[degF] : 华氏度
V : 伏 | 伏特
kV : 千伏
mV : 毫伏
A : 安 | 安培
mA : 毫安
W : 瓦
kW : 千瓦
MW : 兆瓦
kW.h : 千瓦时
Ohm : 欧 | 欧姆
kOhm : 千欧
MOhm : 兆欧
Hz : 赫兹 | 赫
kHz : 千赫
MHz : 兆赫
dB : 分贝
N : 牛 | 牛顿
kN : 千牛
N.m : 牛米 | 牛·米
J : 焦耳
kJ : 千焦
{rev}/min : 转/分 | 转/分钟 | 转每分 | 转每分钟
h : 小时 | 个小时
min : 分钟
s : 秒 | 秒钟
ms : 毫秒
d : 天
wk : 周
mo : 个月
a : 年
[HP] : 马力
m3/h : 立方米/小时 | 方/小时
L/min : 升/分钟 | 升/分
m/s : 米/秒
m/min : 米/分
mm/s : 毫米/秒
t/h : 吨/小时
{cycle}/min : 次/分 | 次/分钟
"""


# Spellings that stand for their unit in upper and lower case alike, and the code where the table has no such spelling.
_IN_ANY_CASE = listed("""
    bar mbar psi psig rpm mm cm km kg hrs hr min mins sec ft inch inches gal gals gallons lbs lb hp gpm cfm lpm ppm
    percent deg volts amps amp hours hour minutes days weeks months years feet tons liters liter kwh ohm ohms
""")
_IN_ANY_CASE_ELSE = {
    "kw": "kW", "kv": "kV", "kva": "kV.A", "kpa": "kPa", "mpa": "MPa", "hz": "Hz", "khz": "kHz", "mhz": "MHz",
    "degc": "Cel", "degf": "[degF]", "celsius": "Cel", "vac": "V", "vdc": "V", "nm": "N.m", "ma": "mA",
}  # fmt: skip


def _spellings() -> dict[str, str]:
    table = {symbol: code for symbol, (code, _) in _PREFIXED.items()}
    for symbol, (code, prefixes) in _PREFIXED.items():
        table.update({prefix + symbol: _PREFIXES[prefix] + code for prefix in prefixes})
    for line in _WRITINGS.strip().splitlines():
        code, found, writings = line.partition(" : ")
        if found:
            table.update(dict.fromkeys(writings.split(" | "), code))
    return table


SPELLINGS: Mapping[str, str] = _spellings()
LOOSE_SPELLINGS: Mapping[str, str] = {each: SPELLINGS[each] for each in _IN_ANY_CASE} | _IN_ANY_CASE_ELSE
# Lengths of the spellings by their first character in lower case, the longest first.
LENGTHS: Mapping[str, tuple[int, ...]] = {
    first: tuple(sorted({len(each) for each in SPELLINGS if each[0].lower() == first}, reverse=True))
    for first in {each[0].lower() for each in SPELLINGS}
}
