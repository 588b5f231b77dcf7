"""Finds the colours that Grafana's names stand for, which are darker on a light page.

Source: packages/grafana-data/src/themes/createVisualizationColors.ts and field/fieldColor.ts (11 to 12).
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap, is_color_like, to_hex, to_rgb

Json = dict[str, Any]

_RGB: Final = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*([\d.]{1,9})\s*)?\)")
_SHADES: Final = ("super-light", "light", "", "semi-dark", "dark")
# From the lightest on; a light page has each a step darker.
_HUES: Final = {
    "red": ("#ffa6b0", "#ff7383", "#f2495c", "#e02f44", "#c4162a", "#ad0317"),
    "orange": ("#ffcb7d", "#ffb357", "#ff9830", "#ff780a", "#fa6400", "#e55400"),
    "yellow": ("#fff899", "#ffee52", "#fade2a", "#f2cc0c", "#e0b400", "#cc9d00"),
    "green": ("#c8f2c2", "#96d98d", "#73bf69", "#56a64b", "#37872d", "#19730e"),
    "blue": ("#c0d8ff", "#8ab8ff", "#5794f2", "#3274d9", "#1f60c4", "#1250b0"),
    "purple": ("#deb6f2", "#ca95e5", "#b877d9", "#a352cc", "#8f3bb8", "#7c2ea3"),
}  # fmt: skip
_CYCLE: Final = (
    "green", "semi-dark-yellow", "light-blue", "semi-dark-orange", "red", "blue", "purple", "#705da0", "dark-green",
    "yellow", "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477", "#b7dbab", "#f4d598", "#70dbed",
    "#f9ba8f", "#f29191", "#82b5d8", "#e5a8e2", "#aea2e0",
)  # fmt: skip
_SHORT: Final = {"Gr": "green", "Yl": "yellow", "Rd": "red", "Bl": "blue", "Pu": "purple"}
# Of panels, of what is written on them, of the lines in and around them, and of the page that they stand on.
DARK: Final = {"back": "#181b1f", "ink": "#ccccdc", "grid": "#2c3036", "page": "#111217"}
LIGHT: Final = {"back": "#ffffff", "ink": "#24292e", "grid": "#e4e5e6", "page": "#f4f5f5"}
# Nothing is drawn in it.
CLEAR: Final = "none"
_UNKNOWN: Final = "#888888"
# How much lighter or darker what is written must be than what it is written on, in large letters too (WCAG 2.2, 1.4.3).
_CONTRAST, _CONTRAST_OF_LARGE, _STEPS = 4.5, 3.0, 8
_INKS: Final = ("#ffffff", "#111217")


def page(theme: object) -> dict[str, str]:
    """Return the colours of a page itself."""
    return LIGHT if theme == "light" else DARK


def colour_of(name: str, theme: object = "dark") -> str:
    """Return a colour that can be drawn for one of Grafana's names, or of CSS'."""
    if name.startswith("#") and len(name) in (4, 5, 7, 9):
        return name if is_color_like(name) else _UNKNOWN
    parts = _RGB.fullmatch(name)
    if parts:
        *rgb, alpha = parts.groups()
        return CLEAR if alpha and not alpha.strip("0.") else "#" + "".join(f"{min(int(part), 255):02x}" for part in rgb)
    shade, _, hue = name.rpartition("-")
    if hue in _HUES and shade in _SHADES:
        return _HUES[hue][_SHADES.index(shade) + (theme == "light")]
    if name in ("text", "panel-bg", "transparent"):
        return {"text": page(theme)["ink"], "panel-bg": page(theme)["back"]}.get(name, CLEAR)
    return to_hex(name) if name.isalpha() and len(name) > 1 and is_color_like(name) else _UNKNOWN


def of_palette(number: int, theme: object) -> str:
    """Return the colour that the so-manieth of several series has."""
    return colour_of(_CYCLE[number % len(_CYCLE)], theme)


def between(part: float, scheme: str, theme: object) -> str:
    """Return the colour at a part (0 to 1) of a scheme that goes from one into another, as `continuous-GrYlRd`."""
    named = scheme.removeprefix("continuous-")
    hues = [_SHORT.get(pair, "") for pair in re.findall("..", named)]
    place = min(max(part, 0.0), 1.0) if math.isfinite(part) else 0.0
    if named in ("viridis", "magma", "plasma", "inferno", "cividis"):
        return to_hex(mpl.colormaps[named](place))
    if all(hues) and len(hues) > 1:
        stops = [colour_of(hue, theme) for hue in hues]
    else:
        # One hue, out of the page's colour.
        stops = [page(theme)["back"], colour_of(named.removesuffix("s"), theme)]
    return to_hex(LinearSegmentedColormap.from_list(named, stops)(place))


def legible(colour: str, theme: object, *, large: bool) -> str:
    """Return a colour as near to this one as can be read on a panel."""
    known, least = page(theme), _CONTRAST_OF_LARGE if large else _CONTRAST
    towards = LinearSegmentedColormap.from_list("ink", [colour, known["ink"]])
    for step in range(_STEPS + 1):
        mixed = to_hex(towards(step / _STEPS))
        if contrast(mixed, known["back"]) >= least:
            return colour if step == 0 else mixed
    return known["ink"]


def ink_upon(colour: str) -> str:
    """Return the colour of what is written upon another one."""
    return max(_INKS, key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Return how much lighter one colour is than the other, whichever it is: 1 (they are one) to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
