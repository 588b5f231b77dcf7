"""A reader of Alloy files for machines without Alloy: text into blocks with their attributes.

Grammar: Alloy docs, "Configuration syntax". It reads blocks, labels, attributes, comments, strings, raw strings, lists, objects,
calls, references and `+`. It does not evaluate: neither types nor whether a reference exists are its business. Where Go can be
had, test_alloy.py compares what it finds with what Alloy's own parser finds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|//[^\n]*|/\*.*?\*/)|(?P<end>\n)|(?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)"""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>[{}\[\](),.=+])""",
    re.DOTALL,
)


class NotAlloy(Exception):
    """The text is not in Alloy's grammar; says the line."""


@dataclass
class Block:
    """One block: its name, label, the names and source of its attributes, and the blocks inside."""

    name: str
    label: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def shape(self) -> dict:
        """Return what Alloy's own parser is asked for, too."""
        blocks = [each.shape() for each in self.blocks]
        return {"name": self.name, "label": self.label, "attributes": [*self.attributes], "blocks": blocks}


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = list(self._scan(text))
        self.at = 0

    def _scan(self, text: str):
        place, line = 0, 1
        while place < len(text):
            found = _TOKEN.match(text, place)
            if not found:
                raise NotAlloy(f"line {line}: {text[place]!r}")
            if found.lastgroup != "space":
                yield found.lastgroup, found[0], line
            line += found[0].count("\n")
            place = found.end()
        yield "end", "", line
        yield "eof", "", line

    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at]

    def take(self, *wanted: str) -> str:
        kind, text, line = self.peek()
        if wanted and kind not in wanted and text not in wanted:
            raise NotAlloy(f"line {line}: {text!r} instead of {' or '.join(wanted)}")
        self.at += 1
        return text

    def ends(self) -> None:
        while self.peek()[0] == "end":
            self.at += 1

    def body(self, closing: str) -> tuple[dict[str, str], list[Block]]:
        attributes: dict[str, str] = {}
        blocks: list[Block] = []
        self.ends()
        while (closing != "eof" and self.peek()[1] != closing) or (closing == "eof" and self.peek()[0] != "eof"):
            name = self.take("name")
            if self.peek()[1] == "=":
                self.take()
                if name in attributes:
                    raise NotAlloy(f"line {self.peek()[2]}: {name} stands there twice")
                attributes[name] = self.value()
            else:
                blocks.append(self.block(name))
            # One statement, one line; only the last one may end with the block.
            if self.peek()[1] != closing:
                self.take("end", "eof")
                self.ends()
        return attributes, blocks

    def block(self, name: str) -> Block:
        while self.peek()[1] == ".":
            name += self.take() + self.take("name")
        label = self.take()[1:-1] if self.peek()[0] == "string" else ""
        self.take("{")
        attributes, blocks = self.body("}")
        self.take("}")
        return Block(name, label, attributes, blocks)

    def value(self) -> str:
        text = self.operand()
        while self.peek()[1] == "+":
            text += self.take() + self.operand()
        return text

    def operand(self) -> str:
        kind, text, line = self.peek()
        if kind in ("string", "number"):
            return self.take()
        if text == "[":
            return self.items("[", "]", self.value)
        if text == "{":
            return self.items("{", "}", self.pair)
        if kind != "name":
            raise NotAlloy(f"line {line}: {text!r} is no value")
        text = self.take()
        while self.peek()[1] in (".", "("):
            text += self.items("(", ")", self.value) if self.peek()[1] == "(" else self.take() + self.take("name")
        return text

    def pair(self) -> str:
        return self.take("string", "name") + self.take("=") + self.value()

    def items(self, opening: str, closing: str, read) -> str:
        text = self.take(opening)
        self.ends()
        while self.peek()[1] != closing:
            text += read()
            # A list over several lines has a comma after its last item as well.
            if self.peek()[1] != closing:
                text += self.take(",")
                self.ends()
        return text + self.take(closing)


def parse(text: str) -> list[Block]:
    """Read a file. Raises NotAlloy."""
    attributes, blocks = _Reader(text).body("eof")
    if attributes:
        raise NotAlloy(f"{', '.join(attributes)} outside a block")
    return blocks
