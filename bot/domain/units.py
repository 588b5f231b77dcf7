"""Writes numbers as Grafana does: a value and the name of a unit into a short text. No I/O.

Source: Grafana's documentation, "Standard options, Unit", and packages/grafana-data/src/valueFormats (11 to 13), of which 13.2 was
run; that zeros stay (18.0 ms) was seen in 12.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from bot.domain.unit_times import duration_of, is_moment, moment_of

_SI: Final = ("f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y")
_IEC: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_SHORT: Final = ("", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept")
_COUNT: Final = ("", "K", "M", "B", "T")

# A time counted in these is written in the one that suits it; from which on, in seconds, and what it is called. Of years Grafana
# knows three lengths.
_SECONDS: Final = {
    "ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "timeticks": 0.01,
}  # fmt: skip
_YEAR: Final = 31_536_000.0
_TIMES: Final = (
    (1e-9, " ns"), (1e-6, " µs"), (1e-3, " ms"), (1.0, " s"), (60.0, " min"), (3600.0, " hour"), (86_400.0, " day"),
    (604_800.0, " week"), (_YEAR, " year"),
)  # fmt: skip
_MEAN_YEARS: Final = {"s": 3.15569e7, "timeticks": 3.15569e7, "m": 3.155688e7}
# What there may be more than one of.
_PLURALS: Final = frozenset({" min", " hour", " day", " week", " year"})
# What is counted in milliseconds or less is never told in weeks, nor in less than it is counted in; microseconds end at seconds.
_NO_WEEKS: Final = frozenset({"ms", "ns"})
_LAST: Final = {"µs": " s", "us": " s", "ns": " day"}

# Multiples of ten and of two: the symbol, and how many steps of a thousand (1024) the number is in already.
_DECIMAL: Final[dict[str, tuple[str, int]]] = {
    "sishort": ("", 0), "pps": ("p/s", 0), "hertz": ("Hz", 0), "rothz": ("Hz", 0),
    "watt": ("W", 0), "kwatt": ("W", 1), "megwatt": ("W", 2), "gwatt": ("W", 3), "mwatt": ("W", -1),
    "watth": ("Wh", 0), "kwatth": ("Wh", 1), "joule": ("J", 0), "voltamp": ("VA", 0), "kvoltamp": ("VA", 1),
    "amp": ("A", 0), "kamp": ("A", 1), "mamp": ("A", -1), "volt": ("V", 0), "kvolt": ("V", 1), "mvolt": ("V", -1),
    "ohm": ("Ω", 0), "kohm": ("Ω", 1), "flops": ("FLOPS", 0), "Hs": ("H/s", 0),
    "massg": ("g", 0), "masskg": ("g", 1), "massmg": ("g", -1), "lengthm": ("m", 0), "lengthkm": ("m", 1),
    "lengthmm": ("m", -1), "pressurepa": ("Pa", 0), "pressurebar": ("bar", 0), "pressurembar": ("bar", -1),
    "lumens": ("Lm", 0), "candela": ("cd", 0), "Wm2": ("W/m²", 0), "voltampreact": ("VAr", 0), "kvoltampreact": ("VAr", 1),
    "watthperkg": ("Wh/kg", 0), "kwattm": ("W-Min", 1), "mwatth": ("Wh", 2), "amph": ("Ah", 0), "kamph": ("Ah", 1),
    "mamph": ("Ah", -1), "ev": ("eV", 0), "mohm": ("Ω", -1), "Mohm": ("Ω", 2), "farad": ("F", 0), "µfarad": ("F", -2),
    "nfarad": ("F", -3), "pfarad": ("F", -4), "ffarad": ("F", -5), "henry": ("H", 0), "mhenry": ("H", -1),
    "µhenry": ("H", -2), "forceNm": ("Nm", 0), "forcekNm": ("Nm", 1), "forceN": ("N", 0), "forcekN": ("N", 1),
    "pressurekbar": ("bar", 1), "litre": ("L", 0), "mlitre": ("L", -1), "rotkhz": ("Hz", 1), "rotmhz": ("Hz", 2),
    "rotghz": ("Hz", 3), "radbq": ("Bq", 0), "radci": ("Ci", 0), "radgy": ("Gy", 0), "radrad": ("rad", 0),
    "radsv": ("Sv", 0), "radmsv": ("Sv", -1), "radusv": ("Sv", -2), "radrem": ("rem", 0), "radexpckg": ("C/kg", 0),
    "radr": ("R", 0), "radsvh": ("Sv/h", 0), "radmsvh": ("Sv/h", -1), "radusvh": ("Sv/h", -2),
    **{f"{letter.lower()}flops": ("FLOPS", step) for step, letter in enumerate("MGTPEZY", 2)},
    **{f"{letter}Hs": ("H/s", step) for step, letter in enumerate("KMGTPE", 1)},
    "decbytes": ("B", 0), "decbits": ("b", 0), "Bps": ("B/s", 0), "bps": ("b/s", 0),
    **{f"dec{letter.lower()}bytes": ("B", step) for step, letter in enumerate("KMGTP", 1)},
    **{f"{letter}Bs": ("B/s", step) for step, letter in enumerate("KMGTP", 1)},
    **{f"{letter}bits": ("b/s", step) for step, letter in enumerate("KMGTP", 1)},
}  # fmt: skip
_BINARY: Final[dict[str, tuple[str, int]]] = {
    "bytes": ("B", 0), "bits": ("b", 0), "binBps": ("B/s", 0), "binbps": ("b/s", 0),
    **{f"{letter.lower()}bytes": ("B", step) for step, letter in enumerate("KMGTP", 1)},
    **{f"{letter}iBs": ("B/s", step) for step, letter in enumerate("KMGTP", 1)},
    **{f"{letter}ibits": ("b/s", step) for step, letter in enumerate("KMGTP", 1)},
}  # fmt: skip
_COUNTED: Final = {
    "cps": "c/s", "ops": "ops/s", "reqps": "req/s", "rps": "rd/s", "wps": "wr/s", "iops": "io/s", "eps": "evt/s",
    "mps": "msg/s", "recps": "rec/s", "rowsps": "rows/s", "cpm": "c/m", "opm": "ops/m", "reqpm": "req/m", "rpm": "rd/m",
    "wpm": "wr/m", "epm": "evts/m", "mpm": "msgs/m", "recpm": "rec/m", "rowspm": "rows/m",
}  # fmt: skip
_FIXED: Final = {
    "none": "", "humidity": "%H", "dB": "dB", "pixel": "px", "celsius": "°C", "fahrenheit": "°F", "farenheit": "°F",
    "kelvin": "K", "degree": "°", "radian": "rad", "ppm": "ppm", "conppb": "ppb", "rotrpm": "rpm", "lux": "lux",
    "velocityms": "m/s", "velocitykmh": "km/h", "masst": "t", "pressurehpa": "hPa", "pressurekpa": "kPa",
    "flowlpm": "L/min", "flowmlpm": "mL/min", "flowgpm": "gpm", "flowcms": "cms", "flowcfs": "cfs", "flowcfm": "cfm",
    "litreh": "L/h", "m3": "m³", "Nm3": "Nm³", "dm3": "dm³", "gallons": "gal", "dBm": "dbm", "accMS2": "m/sec²",
    "accFS2": "f/sec²", "accG": "g", "areaM2": "m²", "areaF2": "ft²", "areaMI2": "mi²", "acres": "ac", "hectares": "ha",
    "conngm3": "ng/m³", "conngNm3": "ng/Nm³", "conμgm3": "μg/m³", "conμgNm3": "μg/Nm³", "conmgm3": "mg/m³",
    "conmgNm3": "mg/Nm³", "congm3": "g/m³", "congNm3": "g/Nm³", "conmgdL": "mg/dL", "conmmolL": "mmol/L",
    "masslb": "lb", "lengthcm": "cm", "lengthin": "in", "lengthft": "ft", "lengthmi": "mi", "pressurehg": '"Hg',
    "rotrads": "rad/s", "rotdegs": "°/s", "velocitymph": "mph", "velocityknot": "kn",
}  # fmt: skip
# Money, and whether its sign stands behind.
_MONEY: Final = {
    "USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥", "CNY": "¥", "KRW": "₩", "RUB": "₽", "UAH": "₴", "BRL": "R$", "INR": "₹",
    "CZK": "czk", "CHF": "CHF", "PLN": "PLN", "BTC": "฿", "mBTC": "mBTC", "μBTC": "μBTC", "ZAR": "R", "IDR": "Rp",
    "PHP": "PHP", "DKK": "kr", "ISK": "kr", "NOK": "kr", "SEK": "kr", "VND": "đ", "TRY": "₺",
    "MYR": "RM", "PYG": "₲", "ILS": "₪",
}  # fmt: skip
_BEHIND: Final = frozenset({"DKK", "ISK", "NOK", "SEK", "VND", "TRY"})
_WORDS: Final = {"bool": ("True", "False"), "bool_yes_no": ("Yes", "No"), "bool_on_off": ("On", "Off")}

# Minutes and more are no decimal numbers.
_CLOCK: Final = (
    60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 31_536_000,
)  # fmt: skip
_PART_OF_1024: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MOST_DECIMALS: Final = 10
_TINY: Final = 1e-6


def format_value(
    value: float,
    unit: str = "",
    decimals: int | None = None,
    *,
    trim: bool = False,
    digits: int = 3,
    zone: str = "UTC",
    now: float = 0.0,
) -> str:
    """Write a number with its unit: (0.0123, "s") gives `12.3 ms`, (0.25, "percentunit") gives `25%`.

    `digits` are those that tell something; `trim` leaves zeros at the end out, as axes do; moments are written in a time zone, or how far they are from `now` (seconds).
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+∞" if value > 0 else "-∞")

    def number(each: float) -> str:
        return _number(each, decimals, digits, trim=trim)

    if is_moment(unit):
        return moment_of(value, unit, zone, now)
    lasting = duration_of(value, unit, decimals)
    if lasting:
        return lasting
    if unit in _SECONDS:
        return _time(value, unit, number)
    if unit in _BINARY:
        symbol, step = _BINARY[unit]
        return _scaled(value, 1024.0, tuple(f" {each}{symbol}" for each in _IEC), step, number)
    if unit in _DECIMAL or unit.startswith("si:"):
        symbol, step = _DECIMAL.get(unit) or _si_of(unit.removeprefix("si:"))
        return _scaled(value, 1000.0, tuple(f" {each}{symbol}" for each in _SI), _SI.index("") + step, number)
    if unit in _COUNTED or unit.startswith("count:"):
        counted = _COUNTED.get(unit) or unit.removeprefix("count:")
        return f"{_scaled(value, 1000.0, _COUNT, 0, number)} {counted}"
    return _other(value, unit, number)


def round_steps(unit: str) -> tuple[float, ...]:
    """Return distances between marks on an axis that are round in a unit, smallest first; empty where decimal ones are."""
    if unit in _SECONDS:
        return tuple(step / _SECONDS[unit] for step in _CLOCK)
    if unit in _BINARY:
        factor = 1024.0 ** _BINARY[unit][1]
        return tuple(each * 1024.0**power / factor for power in range(1, 7) for each in _PART_OF_1024)
    return ()


def _other(value: float, unit: str, number: Callable[[float], str]) -> str:
    kind, named, rest = unit.partition(":")
    if unit == "short":
        return _scaled(value, 1000.0, _SHORT, 0, number)
    if unit in ("percent", "percentunit"):
        return f"{number(value * 100 if unit == 'percentunit' else value)}%"
    if unit.startswith("currency"):
        return _money(value, unit, number)
    if kind == "bool" or unit in _WORDS:
        yes, _, no = rest.partition("/")
        told = _WORDS.get(unit) or (yes, no or "-")
        return told[0] if value else told[1]
    if kind == "prefix" and named:
        return f"{rest}{number(value)}"
    if unit in ("string", "locale", "sci", "hex", "hex0x"):
        return _plainly(value, unit, number)
    symbol = rest if kind == "suffix" and named else _FIXED.get(unit, unit)
    return f"{number(value)} {symbol.strip()}" if symbol else number(value)


def _plainly(value: float, unit: str, number: Callable[[float], str]) -> str:
    if unit == "sci":
        _, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
        first, *rest = map(str, digits)
        mantissa = f"{first}.{''.join(rest)}" if rest else first
        return f"{'-' if value < 0 else ''}{mantissa}e{int(exponent) + len(rest):+d}"
    if unit.startswith("hex") and value == int(value):
        return f"{'0x' if unit == 'hex0x' else ''}{int(value):X}"
    if unit == "string":
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return f"{value:,.3f}".rstrip("0").rstrip(".") if unit == "locale" and abs(value) < 1e15 else number(value)


def _money(value: float, unit: str, number: Callable[[float], str]) -> str:
    name = unit.removeprefix("currency")
    symbol = name.removeprefix(":") if name.startswith(":") else _MONEY.get(name, name)
    written = _scaled(abs(value), 1000.0, _COUNT, 0, number)
    return f"{'-' if value < 0 else ''}{f'{written}{symbol}' if name in _BEHIND else f'{symbol}{written}'}"


def _si_of(symbol: str) -> tuple[str, int]:
    """Return the unit without its prefix, and which that was; two characters are written for a millionth."""
    letter = symbol[:1].replace("μ", "µ")
    return (symbol[1:], _SI.index(letter) - _SI.index("")) if letter and letter in _SI else (symbol, 0)


def _time(value: float, unit: str, number: Callable[[float], str]) -> str:
    seconds = value * _SECONDS[unit]
    if not value:
        return "0 s" if unit == "s" else f"0{next(name for factor, name in _TIMES if factor >= _SECONDS[unit])}"
    last = _LAST.get(unit, " year")
    known = [each for each in _TIMES if each[0] >= _SECONDS[unit] or unit == "s" or unit == "timeticks"]
    known = [each for each in known if each[1] != " week" or unit not in _NO_WEEKS]
    known = known[: [name for _, name in known].index(last) + 1]
    # Seconds say nothing of how exactly a float holds a minute.
    factor, name = next((each for each in reversed(known) if abs(seconds) >= each[0] * (1 - 1e-12)), known[0])
    told = seconds / (_MEAN_YEARS.get(unit, factor) if name == " year" else factor)
    whole = round(told)
    told = whole if abs(told - whole) < abs(told) * 1e-12 else told
    # What is counted in minutes or hours has one word for any number of them.
    several = name in _PLURALS and abs(told) > 1 and (unit not in ("m", "h") or factor > _SECONDS[unit])
    return f"{number(told)}{name}{'s' if several else ''}"


def _scaled(value: float, factor: float, names: tuple[str, ...], offset: int, number: Callable[[float], str]) -> str:
    """Write a value in the step of a scale that suits it; `offset` is the step it is in."""
    step = math.floor(math.log(abs(value), factor) + 1e-12) if value else 0
    step = min(max(step, -offset), len(names) - offset - 1)
    return f"{number(value / factor**step)}{names[offset + step]}"


def _number(value: float, decimals: int | None, telling: int = 3, *, trim: bool = False) -> str:
    if decimals is None and abs(value) >= 1e15:
        return f"{value:.3g}"
    given = decimals is not None
    if decimals is None:
        # A whole number has no more digits than its own.
        decimals = 0 if value == int(value) else telling - 1 - math.floor(math.log10(abs(value)))
    decimals = min(max(decimals, 0), _MOST_DECIMALS)
    # Half a step goes up, as JavaScript rounds; a float knows most halves only nearly.
    # Beyond this it has no part of a unit, and times a power of ten it may be no number.
    rounded = value if abs(value) >= 1e15 else math.floor(value * 10.0**decimals + 0.5) / 10.0**decimals
    if 0 < abs(rounded) < _TINY:
        # As JavaScript writes it.
        return f"{rounded:g}".replace("e-0", "e-")
    written = f"{rounded:.{decimals}f}"
    return written.rstrip("0").rstrip(".") if trim and not given and "." in written else written
