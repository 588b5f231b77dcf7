"""Makes inserts of rows of whose key there may be one already; SQLAlchemy has a module of each database for that.

Only the one that is in use is loaded, as its engine has done before: the other takes 3 MB and a twentieth of a start.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from sqlalchemy import Table

if TYPE_CHECKING:
    # PostgreSQL's says the same for both.
    from sqlalchemy.dialects.postgresql import Insert


@cache
def insert_or_keep(dialect: str, table: Table, key: tuple[str, ...]) -> Insert:
    """Make an insert that leaves a row of this key as it is."""
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=key)


@cache
def insert_or_change(dialect: str, table: Table, key: tuple[str, ...], changed: str) -> Insert:
    """Make an insert that takes one column over into a row of this key."""
    made = _insert(dialect, table)
    return made.on_conflict_do_update(index_elements=key, set_={changed: made.excluded[changed]})


def _insert(dialect: str, table: Table) -> Insert:
    return cast("Insert", import_module(f"sqlalchemy.dialects.{dialect}").insert(table))
