from __future__ import annotations

import gc

import pytest

from bot.app import memory


@pytest.fixture(autouse=True)
def thawed():
    yield
    # What other tests leave behind is garbage again.
    gc.unfreeze()


def test_garbage_is_searched_for_again_once_all_is_loaded():
    assert gc.isenabled()

    with memory.loading():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_garbage_is_searched_for_again_after_a_mistake_too():
    with pytest.raises(ValueError, match="wrong"), memory.loading():
        raise ValueError("wrong")

    assert gc.isenabled()


def test_what_was_loaded_is_not_looked_through_again():
    with memory.loading():
        loaded = [[]]

    assert gc.get_freeze_count() > 0
    assert not any(each is loaded for each in gc.get_objects())
