"""Writes numbers as Grafana does: a value and the name of a unit into a short text. No I/O.

Source: Grafana's documentation, "Standard options, Unit", and packages/grafana-data/src/valueFormats (11 to 13).
"""

from __future__ import annotations

import math

_SI = (("", 1.0), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15))
_SHORT = (("", 1.0), (" K", 1e3), (" Mil", 1e6), (" Bil", 1e9), (" Tri", 1e12))
_IEC = (("", 1.0), ("Ki", 2.0**10), ("Mi", 2.0**20), ("Gi", 2.0**30), ("Ti", 2.0**40), ("Pi", 2.0**50))
_TIMES = ((" ns", 1e-9), (" µs", 1e-6), (" ms", 1e-3), (" s", 1.0), (" min", 60.0), (" h", 3600.0), (" day", 86400.0))

_SECONDS = {
    "ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0,
    "dtdurations": 1.0, "dtdurationms": 1e-3, "dthms": 1.0, "clocks": 1.0, "clockms": 1e-3,
}  # fmt: skip
_BINARY = {
    "bytes": "B", "bits": "b", "binBps": "B/s", "binbps": "b/s", "kbytes": "B", "mbytes": "B", "gbytes": "B"
}  # fmt: skip
_DECIMAL = {"decbytes": "B", "decbits": "b", "Bps": "B/s", "bps": "b/s", "hertz": "Hz", "watt": "W", "pps": "p/s"}
_FACTORS = {"kbytes": 2.0**10, "mbytes": 2.0**20, "gbytes": 2.0**30}
_RATES = {
    "reqps": " req/s", "ops": " ops/s", "rps": " rd/s", "wps": " wr/s", "cps": " c/s", "iops": " io/s", "mps": " msg/s",
    "reqpm": " req/m", "opm": " ops/m", "rpm": " rd/m", "wpm": " wr/m", "cpm": " c/m", "eps": " evt/s", "recps": " rec/s",
}  # fmt: skip
_SUFFIXES = {"celsius": " °C", "fahrenheit": " °F", "humidity": " %H", "volt": " V", "amp": " A"}


# Minutes and more are no decimal numbers.
_CLOCK = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)
_PART_OF_1024 = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def format_value(value: float, unit: str = "", decimals: int | None = None) -> str:
    """Write a number with its unit: (0.0123, "s") gives `12.3 ms`, (0.25, "percentunit") gives `25%`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+∞" if value > 0 else "-∞")
    if unit in _SECONDS:
        return _time(value * _SECONDS[unit], decimals)
    if unit == "percent":
        return f"{_number(value, decimals)}%"
    if unit == "percentunit":
        return f"{_number(value * 100, decimals)}%"
    if unit in _BINARY:
        return _scaled(value * _FACTORS.get(unit, 1.0), _IEC, decimals, _BINARY[unit])
    if unit in _DECIMAL:
        return _scaled(value, _SI, decimals, _DECIMAL[unit])
    if unit in _RATES:
        return _scaled(value, _SI, decimals, "", gap="") + _RATES[unit]
    return _other(value, unit, decimals)


def round_steps(unit: str) -> tuple[float, ...]:
    """Return distances between marks on an axis that are round in a unit, smallest first; empty where decimal ones are."""
    if unit in _SECONDS:
        return tuple(step / _SECONDS[unit] for step in _CLOCK)
    if unit in _BINARY:
        factor = _FACTORS.get(unit, 1.0)
        return tuple(each * 1024.0**power / factor for power in range(1, 6) for each in _PART_OF_1024)
    return ()


def _other(value: float, unit: str, decimals: int | None) -> str:
    if unit == "short":
        return _scaled(value, _SHORT, decimals, "", gap="")
    if unit.startswith("currency"):
        return (
            f"{ {'currencyUSD': '$', 'currencyKRW': '₩', 'currencyEUR': '€'}.get(unit, '') }{_number(value, decimals)}"
        )
    for prefix in ("suffix:", "prefix:"):
        if unit.startswith(prefix):
            word = unit.removeprefix(prefix)
            return f"{word}{_number(value, decimals)}" if prefix == "prefix:" else f"{_number(value, decimals)}{word}"
    if unit in ("", "none", "string", "bool"):
        return _number(value, decimals)
    return f"{_number(value, decimals)}{_SUFFIXES.get(unit, f' {unit}')}"


def _time(seconds: float, decimals: int | None) -> str:
    size = abs(seconds)
    if size == 0:
        return "0 s"
    name, factor = next((each for each in reversed(_TIMES) if size >= each[1]), _TIMES[0])
    return f"{_number(seconds / factor, decimals)}{name}"


def _scaled(value: float, steps: tuple[tuple[str, float], ...], decimals: int | None, unit: str, gap: str = " ") -> str:
    name, factor = next((each for each in reversed(steps) if abs(value) >= each[1]), steps[0])
    written = f"{_number(value / factor, decimals)}{gap if name or unit else ''}{name}{unit}"
    return written if unit or name else _number(value, decimals)


def _number(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:.{min(max(decimals, 0), 10)}f}"
    # Three digits that tell something, as Grafana's automatic decimals do.
    if value == 0 or abs(value) >= 1e15:
        return f"{value:.3g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    written = f"{value:.{min(digits, 10)}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
