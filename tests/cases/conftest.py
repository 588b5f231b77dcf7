"""A trial with an empty store."""

from __future__ import annotations

import pytest

from bot.store.database import Database
from tests.cases.trial import Trial


@pytest.fixture
def trial(database: Database) -> Trial:
    return Trial(database)
