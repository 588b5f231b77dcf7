"""Keeps text within Discord's limits: anybody's words into words that cannot ping, format or overflow.

Source: Discord's developer documentation, "Component Reference" and "Create Message", August 2026.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

CONTENT = 2000
CARD_TEXT = 4000
URL = 512
CHOICES = 25
OPTION = CHOICE = 100
BUTTON = 80
NONCE = 25
THREAD_NAME = 100

_ELLIPSIS = "…"
# A longer word is cut rather than left out.
_WORD = 24
_READ_AT_ONCE = 2000
# So much is read of what does not fit: whether a joiner stays is told by what follows it.
_BEYOND = 4
_ZERO_WIDTH_SPACE = "\u200b"
_JOINER = "\u200d"
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"

# What Discord's markdown gives a meaning to wherever it stands, and what only at the beginning of a line.
_MARKS = frozenset("\\*_~|`[]<")
_LINE_MARKS = frozenset("#>-+")

# What no address holds as it stands, besides what cannot be printed.
_UNFIT = frozenset(' <>"`\\[]{}|^')

# More marks over one letter than any script needs; beyond that they climb over the lines above.
_MARKS_PER_LETTER = 4


def plain(text: str, limit: int) -> str:
    """Return the text as one line that reads the same but formats, links and mentions nothing, shortened to `limit`."""
    words = _neutral(text, limit)
    right_to_left = any(unicodedata.bidirectional(char) in ("R", "AL") for char in words)
    room = limit - 2 if right_to_left else limit
    line = _gather(_escaped(_graphemes(words)), room)
    # Hebrew or Arabic would otherwise reorder the punctuation and numbers beside it.
    return f"{_FIRST_STRONG_ISOLATE}{line}{_POP_ISOLATE}" if right_to_left else line


def one_line(text: str) -> str:
    """Return the text as one line for places without markdown: labels, options, choices."""
    return _neutral(text)


def shorten(text: str, limit: int) -> str:
    """Cut text that is already safe, after a whole line where there are several, and say so with an ellipsis."""
    if len(text) <= limit:
        return text
    lines = fit(text.split("\n"), limit)
    if lines != _ELLIPSIS:
        return lines
    # A backslash without what it escapes would escape the ellipsis' neighbour.
    return _gather(_graphemes(text), limit).removesuffix(_ELLIPSIS).rstrip("\\") + _ELLIPSIS


def code(text: str, limit: int) -> str:
    """Return the text as inline code, shortened to `limit` with its backticks; nothing for nothing."""
    # Nothing can be escaped inside of code, so what would end it is replaced by its look-alike.
    words = _neutral(text, limit).replace("`", "\u02cb").replace("@", f"@{_ZERO_WIDTH_SPACE}")
    return f"`{_gather(_graphemes(words), limit - 2)}`" if words else ""


def link(label: str, url: str) -> str:
    """Return a masked link, or the label alone if the address is not a plain http(s) one of at most 512 characters."""
    address = address_of(url)
    return f"[{label}]({address})" if address else label


def address_of(url: str) -> str:
    """Return the address fit for a link, or nothing if it is not one."""
    # These mean the same when encoded; as they stand they would end the link early, or mention somebody.
    address = url.strip().replace("(", "%28").replace(")", "%29").replace("@", "%40")
    if len(address) > URL or not address.isprintable() or not _UNFIT.isdisjoint(address):
        return ""
    try:
        parts = urlsplit(address)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and "%" not in parts.netloc
    except ValueError:
        return ""
    return address if fit else ""


def fit(lines: Iterable[str], budget: int) -> str:
    """Join whole lines while they fit; if any had to go, the last line is an ellipsis."""
    kept: list[str] = []
    left = budget
    todo = list(lines)
    for position, line in enumerate(todo):
        # Room for the ellipsis must remain unless this is the last line.
        reserve = 0 if position == len(todo) - 1 else len(_ELLIPSIS) + 1
        if len(line) + reserve > left:
            kept.append(_ELLIPSIS)
            break
        kept.append(line)
        left -= len(line) + 1
    return "\n".join(kept)


def _neutral(text: str, limit: int | None = None) -> str:
    """Drop what is invisible or controls the terminal, the line or the direction; one space for any gap.

    With a limit only as much is read as tells what stands within it, and that more follows.
    """
    if len(text) <= _READ_AT_ONCE and text.isascii() and text.isprintable():
        # Nearly all is: there is nothing to drop.
        return " ".join(text.split())
    kept: list[str] = []
    marks, room = 0, len(text) if limit is None else limit + _BEYOND
    for char in text:
        if room < 0:
            break
        category = unicodedata.category(char)
        if char.isspace():
            # Not a control character to be dropped, but the gap between two words.
            if kept[-1:] != [" "]:
                kept.append(" ")
                room -= 1
        elif category in ("Mn", "Me"):
            marks += 1
            if marks <= _MARKS_PER_LETTER:
                kept.append(char)
            continue
        elif category[0] != "C" or char == _JOINER:
            kept.append(char)
            # A joiner may yet be dropped.
            room -= char != _JOINER
        marks = 0
    return " ".join(_without_stray_joiners("".join(kept)).split())


def _without_stray_joiners(text: str) -> str:
    # A joiner is kept only where it makes one emoji of two; elsewhere it is an invisible character.
    return "".join(
        char
        for position, char in enumerate(text)
        if char != _JOINER or (0 < position < len(text) - 1 and _pictorial(text[position - 1], text[position + 1]))
    )


def _pictorial(before: str, after: str) -> bool:
    return unicodedata.category(before) in ("So", "Sk", "Mn") and unicodedata.category(after) == "So"


def _graphemes(text: str) -> Iterator[str]:
    """Yield what a reader sees as one character each; close enough to Unicode's rules for never cutting one apart."""
    if text.isascii():
        yield from text
        return
    cluster = ""
    for char in text:
        if cluster and _continues(cluster, char):
            cluster += char
            continue
        if cluster:
            yield cluster
        cluster = char
    if cluster:
        yield cluster


def _continues(cluster: str, char: str) -> bool:
    if unicodedata.category(char) in ("Mn", "Me", "Mc") or char == _JOINER or cluster.endswith(_JOINER):
        return True
    skin_tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    return skin_tone or (_regional(char) and len(cluster) == 1 and _regional(cluster))


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _escaped(clusters: Iterable[str]) -> Iterator[str]:
    before = ""
    for cluster in clusters:
        first = cluster[0]
        if first == "@":
            # Discord looks for mentions before it looks for backslashes, so the word itself must be broken.
            yield f"@{_ZERO_WIDTH_SPACE}{cluster[1:]}"
        elif first in _MARKS or (not before and first in _LINE_MARKS) or (before == ":" and first == "/"):
            # The last of these is what makes an address a link.
            yield f"\\{cluster}"
        else:
            yield cluster
        before = cluster


def _whole_words(kept: list[str], following: str) -> str:
    """Leave out a word that would be cut, unless it is so long that little would be left."""
    last = next((back for back, each in enumerate(reversed(kept), 1) if each == " "), 0)
    if following == " " or not 0 < last <= min(_WORD, len(kept) // 2):
        return "".join(kept)
    return "".join(kept[: len(kept) - last])


def _gather(clusters: Iterable[str], limit: int) -> str:
    """Join while it fits; if it does not, end with an ellipsis within the limit."""
    kept: list[str] = []
    length = 0
    for cluster in clusters:
        if length + len(cluster) > limit:
            following = cluster
            while kept and length + len(_ELLIPSIS) > limit:
                following = kept.pop()
                length -= len(following)
            return _whole_words(kept, following) + _ELLIPSIS if limit > 0 else ""
        kept.append(cluster)
        length += len(cluster)
    return "".join(kept)
