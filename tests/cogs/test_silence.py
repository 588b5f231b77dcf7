"""`/silence` and `/silences` as people type them, from the preview to Undo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.alerts import Rule
from bot.domain.mute_timings import MuteTiming
from bot.domain.silences import Matcher
from tests.cogs.typed import conversation, offered, refused
from tests.ui.test_buttons import said
from tests.ui.test_client import speak_korean


async def test_a_silence_is_previewed_confirmed_listed_and_undone(database):
    async with conversation(database) as it:
        preview = await it.minji.slash(
            it.channel, "silence", rule="rule:HighLatency", duration="2h30m", reason="deploy"
        )
        assert preview.ephemeral
        assert "Silence HighLatency for 2 h 30 min?" in said(preview)
        assert "mutes **3** firing alerts" in said(preview)
        assert it.world.source.silenced == []

        await it.minji.click(preview.response, label="Confirm")
        [silence] = it.world.source.silenced
        assert silence.matchers == (Matcher("alertname", "HighLatency"),)
        assert silence.ends_at - silence.starts_at == timedelta(hours=2, minutes=30)

        listed = await it.minji.slash(it.channel, "silences")
        assert listed.ephemeral
        assert "by minji · deploy" in said(listed)

        undone = await it.minji.click(listed.response, label="Undo")
        assert "has ended" in said(undone)
        assert it.world.source.silenced == []


async def test_a_proposal_survives_a_restart(database):
    async with conversation(database) as it:
        preview = await it.minji.slash(it.channel, "silence", rule="HighLatency", duration="1h")
        await it.env.restart_bot(it.world.client())

        await it.minji.click(preview.response, label="Confirm")

        assert len(it.world.source.silenced) == 1


async def test_cancel_mutes_nothing(database):
    async with conversation(database) as it:
        preview = await it.minji.slash(it.channel, "silence", rule="HighLatency", duration="1h")

        await it.minji.click(preview.response, label="Cancel")

        assert "Nothing was silenced" in said(preview)
        assert it.world.source.silenced == []


async def test_one_instance_is_chosen_while_typing(database):
    async with conversation(database) as it:
        [(value, name)] = (await offered(it, "silence", "rule", "latency api-2")).items()
        assert name == "🟠 HighLatency · api-2:8080 · 🔥 1"

        preview = await it.minji.slash(it.channel, "silence", rule=value, duration="until 18:00")

        assert "Silence HighLatency until" in said(preview)
        assert "mutes **1** firing alert now" in said(preview)
        assert "api-2:8080" in said(preview)


async def test_a_scope_narrows_it_from_the_start(database):
    async with conversation(database) as it:
        preview = await it.minji.slash(it.channel, "silence", rule="HighLatency", duration="1h", scope="instance")

        assert "mutes **1** firing alert now" in said(preview)


async def test_without_the_role_nothing_is_previewed(database):
    async with conversation(database) as it:
        result = await it.mallory.slash(it.channel, "silence", rule="HighLatency", duration="1h")

        assert "You may not silence" in refused(it, result)
        [row] = await database.audit.rows(1)
        assert (row.actor.name, row.action, row.target, row.allowed) == ("mallory", "silence", "HighLatency", False)


async def test_without_the_role_nothing_is_listed(database):
    async with conversation(database) as it:
        assert "You may not read" in refused(it, await it.mallory.slash(it.channel, "silences"))


@pytest.mark.parametrize(
    ("rule", "duration", "sentence"),
    [
        ("HighLatncy", "1h", "Near it: HighLatency"),
        ("@everyone", "1h", 'No rule is called "@\u200beveryone"'),
        ("[x](https://evil.example)", "1h", 'No rule is called "\\[x\\]('),
        ("alert:gone", "1h", "does not fire any more"),
        ("HighLatency", "45", "45m"),
        ("HighLatency", "soon", "cannot read"),
        ("HighLatency", "30d", "between 5m and 14d"),
        ("HighLatency", "until today 00:01", "over"),
    ],
)
async def test_what_was_typed_is_not_trusted(database, rule, duration, sentence):
    async with conversation(database) as it:
        result = await it.minji.slash(it.channel, "silence", rule=rule, duration=duration)

        assert sentence in refused(it, result)
        assert it.world.source.silenced == []


async def test_without_an_answer_of_grafana_the_preview_counts_what_was_known(database):
    async with conversation(database) as it:
        it.world.source.down = "connection refused"

        preview = await it.minji.slash(it.channel, "silence", rule="HighLatency", duration="1h")

        assert "mutes **3** firing alerts" in said(preview)
        assert "did not answer in time" in said(preview)


async def test_everything_is_korean_for_who_reads_korean(database):
    async with conversation(database) as it:
        speak_korean(it.env.bot)

        preview = await it.minji.slash(it.channel, "silence", rule="HighLatency", duration="1시간 30분")
        shown = said(preview)
        made = await it.minji.click(preview.response, label="중지하기")
        listed = await it.minji.slash(it.channel, "silences")
        no = await it.mallory.slash(it.channel, "silence", rule="HighLatency", duration="1시간")

        assert "HighLatency 알림을 1시간 30분 동안 중지할까요?" in shown
        assert "알림 **3건**이 중지됩니다" in shown
        assert "중지했습니다" in said(made)
        assert "알림 중지: 1건" in said(listed)
        assert "알림을 중지(silence)할 권한이 없습니다" in refused(it, no)


async def test_rules_and_firing_instances_are_offered_firing_ones_first(database):
    async with conversation(database) as it:
        found = await offered(it, "silence", "rule", "")

        assert list(found.values()) == [
            "🟠 HighLatency · 🔥 3",
            "🟠 HighLatency · api-0:8080 · 🔥 1",
            "🟠 HighLatency · api-1:8080 · 🔥 1",
            "🟠 HighLatency · api-2:8080 · 🔥 1",
            "🟠 DiskFilling",
        ]


async def test_names_of_any_length_and_number_can_be_offered(database):
    async with conversation(database) as it:
        it.world.source.known_rules = [Rule(f"{number} {'긴 이름 ' * 60}", uid=f"u{number}") for number in range(99)]
        await it.world.directory.refresh()

        found = await offered(it, "silence", "rule", "긴")

        assert len(found) == 25


async def test_typing_never_waits_for_grafana(database):
    async with conversation(database) as it:
        it.world.source.hangs = True

        assert len(await offered(it, "silence", "rule", "high")) == 4


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", {"15m": "15m"}),
        ("90m", {"90m": "90m"}),
        ("1", {"15m": "15m"}),
        ("until 18:00", {"until 18:00": "until 18:00 (15h)"}),
        ("내일 09:00까지", {"내일 09:00까지": "내일 09:00까지 (1d6h)"}),
    ],
)
async def test_usual_lengths_are_offered_and_what_was_typed_if_it_can_be_read(database, typed, first):
    async with conversation(database) as it:
        found = await offered(it, "silence", "duration", typed)

        assert next(iter(found.items())) == next(iter(first.items()))


async def test_a_length_nobody_can_read_is_not_offered(database):
    async with conversation(database) as it:
        assert await offered(it, "silence", "duration", "soon") == {}


async def test_who_may_not_read_is_offered_no_rules(database):
    async with conversation(database) as it:
        assert await offered(it, "silence", "rule", "", actor=it.mallory) == {}


async def test_what_the_source_mutes_again_and_again_is_listed_to_be_read(database):
    async with conversation(database) as it:
        it.world.source.timings = [
            MuteTiming("nights", ("22:00-24:00 Asia/Seoul",), ('team="db"',), covers=True),
            MuteTiming("office", ("monday:friday UTC",), (), ("all",), covers=False),
            MuteTiming("<@&1>", ("?",), covers=None),
            *(MuteTiming(f"{number} {'x' * 99}", ("y" * 300,), ("z" * 300,)) for number in range(9)),
        ]
        shown = said(await it.minji.slash(it.channel, "silences"))

        assert '- nights (**now**) `22:00-24:00 Asia/Seoul`: `team="db"`' in shown
        assert "- office (not now) `monday:friday UTC`: only then `all`" in shown
        assert "no route that Bongsu may see names it" in shown
        assert "7 more" in shown

        it.world.source.down = "connection refused"
        assert "nights" not in said(await it.minji.slash(it.channel, "silences"))
