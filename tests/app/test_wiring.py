"""Which model is asked follows from the configuration, and what is missing there stops the start with a sentence."""

from __future__ import annotations

from contextlib import AsyncExitStack

import aiohttp
import pytest

from bot.app.options import options_of
from bot.app.settings import Settings
from bot.app.sources import open_sources
from bot.app.wiring import Outside, use_cases
from bot.core.oncall.desk import OnCallDesk
from bot.domain.owners import Catalogue
from bot.domain.teams import Roster
from bot.errors import ConfigurationError
from bot.models.claude import Claude
from bot.models.openai import OpenAI
from bot.store.database import Database
from tests.fakes import HandClock

PRICED = {"p1": "strong", "other": "cheap", "prices": {"cheap": {"usd_in": 1, "usd_out": 5}}}


def desk_of(store):
    return OnCallDesk(
        roster=Roster(), catalogue=Catalogue(), overrides=store.overrides, jobs=store.jobs, clock=HandClock()
    )


def settings(tmp_path, model, **more):
    return Settings(database_url=f"sqlite:///{tmp_path}/x.db", investigation={"model": model}, **more)


def assembled(chosen, store, sources):
    options = options_of(chosen, Catalogue({}, ()))
    return use_cases(options, store, sources, HandClock(), desk=desk_of(store), outside=Outside())


async def model_of(chosen):
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        return (await open_sources(chosen, session, stack, HandClock())).model


@pytest.mark.parametrize(
    ("provider", "more", "kind"),
    [
        ("anthropic", {"anthropic_api_key": "k"}, Claude),
        ("openai", {"openai_api_key": "k"}, OpenAI),
        ("openai", {"openai_base_url": "http://127.0.0.1:1/v1"}, OpenAI),
        ("anthropic", {}, type(None)),
        ("anthropic", {"openai_api_key": "k"}, type(None)),
        ("openai", {}, type(None)),
        ("none", {"anthropic_api_key": "k", "openai_api_key": "k"}, type(None)),
    ],
)
async def test_the_provider_is_the_one_that_is_named_and_has_a_key_or_an_address_of_ones_own(
    tmp_path, provider, more, kind
):
    assert type(await model_of(settings(tmp_path, {"provider": provider, **PRICED}, **more))) is kind


@pytest.mark.parametrize("missing", ["p1", "other", "prices"])
async def test_a_key_without_models_or_prices_stops_the_start(tmp_path, missing):
    given = {name: value for name, value in PRICED.items() if name != missing}
    chosen = settings(tmp_path, given, anthropic_api_key="k")
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        sources = await open_sources(chosen, session, stack, HandClock())
        store = await stack.enter_async_context(Database.open(chosen.database_url.get_secret_value()))

        with pytest.raises(ConfigurationError) as caught:
            assembled(chosen, store, sources)

    assert caught.value.values["name"] == f"investigation.model.{missing}"


async def test_with_all_of_it_the_use_cases_are_put_together(tmp_path):
    chosen = settings(tmp_path, PRICED, anthropic_api_key="k")
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        sources = await open_sources(chosen, session, stack, HandClock())
        store = await stack.enter_async_context(Database.open(chosen.database_url.get_secret_value()))

        made = assembled(chosen, store, sources)

        assert made.services.investigating is not None
