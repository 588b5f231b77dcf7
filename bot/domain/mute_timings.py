"""Describes times in which a source mutes again and again, as its operator has written them. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MuteTiming:
    """A named set of times: `when` are its parts in the operator's words, `mutes` whose routes name it.

    `active` are the routes that ring only then; `covers` tells whether it is now, None if its times cannot be read.
    """

    name: str
    when: tuple[str, ...]
    mutes: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    covers: bool | None = None
