"""Pictures in the threads of cards, with the real discord.py, over the playground's sockets."""

from __future__ import annotations

import io
from dataclasses import replace

import aiohttp
import pytest
from PIL import Image

from bot.domain.exhibits import Exhibit, IncidentPicture, Request
from bot.domain.pictures import Picture, Shot, Step
from bot.domain.telemetry import Window
from bot.errors import DeliveryDelayed, DeliveryError, MessageGone
from tests.builders import NOW
from tests.person import text_of
from tests.picture_fakes import READY, png
from tests.ui.test_threads import (  # noqa: F401
    MESSAGES,
    THREADS,
    announce_with,
    announcer,
    client,
    messages,
    playground,
    report_on,
    view_of,
)

REQUEST = Request("API @everyone", "https://g.example/d/api", Shot("api", Window(NOW, NOW)), panel="Latency")


def picture_of(view) -> IncidentPicture:
    return IncidentPicture(view, Exhibit(REQUEST, Picture((png(640, 320),), NOW, Step.BROWSER, (READY,))))


async def test_a_picture_hangs_in_the_thread_of_its_card(playground, announcer):  # noqa: F811
    view = view_of()
    card = await announcer.post(view)

    ref = await announcer.hang(card, picture_of(view), again=False)

    (posted,) = messages(playground, card.message_id)
    assert (ref.channel_id, ref.message_id) == (card.message_id, int(posted["id"]))
    assert playground.state.threads[card.message_id]["name"] == "#12 HighErrorRate api"
    assert posted["attachments"][0]["filename"] == "incident-12.png"
    assert "1 of 1 panels" in text_of(posted)
    assert posted["mention_everyone"] is False
    async with aiohttp.ClientSession() as session, session.get(posted["attachments"][0]["url"]) as response:
        assert Image.open(io.BytesIO(await response.read())).size == (640, 320)


async def test_what_hangs_below_a_card_is_read_again(playground, announcer):  # noqa: F811
    view = view_of()
    card = await announcer.post(view)
    assert await announcer.pictures(card, 12) == ()
    await announcer.hang(card, picture_of(view), again=False)

    [found] = await announcer.pictures(card, 12)

    assert found.name == "incident-12.png"
    assert Image.open(io.BytesIO(found.image)).size == (640, 320)
    assert await announcer.pictures(card, 1) == ()
    playground.state.files.clear()
    with pytest.raises(DeliveryError):
        await announcer.pictures(card, 12)


async def test_report_and_picture_share_a_thread(playground, announcer):  # noqa: F811
    view = view_of()
    card = await announcer.post(view)
    await announcer.report(card, report_on(view), again=False)

    await announcer.hang(card, picture_of(view), again=False)

    assert len(messages(playground, card.message_id)) == 2
    assert len(playground.state.threads) == 1


async def test_a_picture_whose_answer_got_lost_hangs_once(playground, client, announcer):  # noqa: F811
    view = view_of()
    card = await announcer.post(view)
    playground.faults.order("error", route=MESSAGES, status=503, after=True)
    with pytest.raises(DeliveryDelayed):
        await announcer.hang(card, picture_of(view), again=False)
    (first,) = messages(playground, card.message_id)
    # Discord remembers a nonce for minutes only.
    first["_nonce"] = None

    ref = await announce_with(client).hang(card, picture_of(view), again=True)

    assert [int(each["id"]) for each in messages(playground, card.message_id)] == [ref.message_id]


async def test_the_picture_of_another_incident_is_not_taken_for_it(playground, announcer):  # noqa: F811
    view = view_of()
    card = await announcer.post(view)
    other = picture_of(replace(view, incident=replace(view.incident, number=1)))
    await announcer.hang(card, other, again=False)

    await announcer.hang(card, picture_of(view), again=True)

    assert len(messages(playground, card.message_id)) == 2


async def test_where_there_can_be_no_thread_it_answers_the_card(playground, announcer):  # noqa: F811
    view = view_of()
    card = await announcer.post(view)
    playground.faults.order("refuse", route=THREADS)

    ref = await announcer.hang(card, picture_of(view), again=False)

    assert ref.channel_id == card.channel_id
    posted = playground.state.message(card.channel_id, ref.message_id)
    assert posted["message_reference"]["message_id"] == str(card.message_id)


async def test_below_a_card_that_is_gone_nothing_hangs(playground, announcer):  # noqa: F811
    view = view_of()
    card = await announcer.post(view)
    await playground.state.remove_message(card.channel_id, card.message_id)

    with pytest.raises(MessageGone):
        await announcer.hang(card, picture_of(view), again=False)
