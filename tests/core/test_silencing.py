"""Silences from the proposal to the end: nothing is muted that was not shown, and nothing twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.alerts import Rule
from bot.domain.incidents import EntryKind
from bot.domain.people import Policy, Right
from bot.domain.silences import RULE_UID_LABEL, Matcher, Scope, Silence
from bot.domain.views import MessageRef
from bot.errors import InvalidDuration, InvalidTarget, NotAllowed, OutOfDate, Refused, SourceError, SourceUnavailable
from bot.telemetry.absent import AbsentAlertSource
from tests.builders import JUN, MALLORY, MINJI, NOW, make_alert
from tests.fakes import FakeAlertSource
from tests.ui.world import World, make_world


@pytest.fixture
async def world(database) -> World:
    made = make_world(database, patience_s=0.3)
    rights = MINJI.role_ids | JUN.role_ids
    made.rules.policy = Policy({Right.ACK: rights, Right.SILENCE: rights})
    await made.fire(count=3)
    made.source.firing.append(make_alert("DiskFilling", labels={"service": "chat", "severity": "critical"}))
    await made.directory.refresh()
    return made


@pytest.fixture
def silencing(world):
    return world.services.silencing


async def kinds(world: World, number: int = 1) -> list[EntryKind]:
    return [entry.kind for entry in await world.database.incidents.timeline(number)]


async def test_a_proposal_shows_what_it_would_mute_and_mutes_nothing(world, silencing):
    preview = await silencing.propose("rule:HighLatency", "2h", MINJI, reason="deploy")

    assert len(preview.muted) == 3
    assert preview.critical == 0
    assert preview.services == ("api",)
    assert (preview.narrower, preview.narrower_count) == (Scope.INSTANCE, 1)
    assert preview.draft.ends_at == NOW + timedelta(hours=2)
    assert not preview.stale
    assert world.source.silenced == []


async def test_a_critical_alert_is_counted_before_it_is_muted(silencing):
    assert (await silencing.propose("DiskFilling", "2h", MINJI)).critical == 1


async def test_choosing_an_instance_mutes_that_instance(world, silencing):
    [target] = [each for each in silencing.targets("latency api-1") if each.sample]

    preview = await silencing.propose(target.value, "2h", MINJI)

    assert preview.draft.scope is Scope.INSTANCE
    assert [alert.instance for alert in preview.muted] == ["api-1:8080"]


async def test_with_grafana_the_rule_is_named_by_its_uid(world, silencing):
    world.source.known_rules = [Rule("HighLatency", uid="u1", folder="shop")]
    world.source.firing = [make_alert(rule_uid="u1"), make_alert("DatasourceNoData", rule_uid="u1")]
    await world.directory.refresh()

    preview = await silencing.propose("HighLatency", "2h", MINJI)

    # One silence also mutes the NoData twin of the rule.
    assert preview.draft.matchers == (Matcher(RULE_UID_LABEL, "u1"),)
    assert len(preview.muted) == 2


async def test_without_the_role_nothing_is_proposed_and_the_attempt_is_written_down(world, silencing):
    with pytest.raises(NotAllowed, match="not_allowed_silence"):
        await silencing.propose("HighLatency", "2h", MALLORY)
    with pytest.raises(NotAllowed):
        await silencing.propose_for_incident(1, MALLORY)

    rows = await world.database.audit.rows(2)
    assert [(row.actor, row.target, row.allowed) for row in rows] == [
        (MALLORY, "#1", False),
        (MALLORY, "HighLatency", False),
    ]


async def test_what_was_typed_is_not_trusted(silencing):
    with pytest.raises(InvalidTarget) as refused:
        await silencing.propose("HihgLatency" + "x" * 6_000, "2h", MINJI)
    assert len(refused.value.values["typed"]) == 80

    with pytest.raises(InvalidDuration):
        await silencing.propose("HighLatency", "forever", MINJI)


@pytest.mark.parametrize("scope", [Scope.SERVICE, Scope.INSTANCE])
async def test_a_scope_that_nothing_can_narrow_to_is_refused_instead_of_muting_everything(world, silencing, scope):
    world.source.firing = []
    await world.directory.refresh()

    with pytest.raises(InvalidTarget, match="scope_needs_alert"):
        await silencing.propose("HighLatency", "2h", MINJI, scope)


async def test_a_service_is_no_scope_for_an_alert_without_one(world, silencing):
    world.source.firing = [make_alert(labels={"service": ""})]
    await world.directory.refresh()
    preview = await silencing.propose("HighLatency", "2h", MINJI)

    with pytest.raises(InvalidTarget, match="scope_needs_service"):
        await silencing.revise(preview.draft.id, MINJI, scope=Scope.SERVICE)


async def test_the_button_of_a_card_proposes_what_the_card_is_about_for_the_usual_time(silencing):
    preview = await silencing.propose_for_incident(1, MINJI)

    # What its three instances have in common; the severity keeps a critical alert of the same name loud.
    assert preview.draft.matchers == (
        Matcher("alertname", "HighLatency"),
        Matcher("service", "api"),
        Matcher("severity", "high"),
    )

    assert preview.draft.rule.name == "HighLatency"
    assert preview.draft.incident == 1
    assert preview.draft.lasts_s == 3600
    assert len(preview.muted) == 3


async def test_a_proposal_is_changed_until_it_fits(silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft

    shorter = await silencing.revise(draft.id, MINJI, lasts=timedelta(minutes=30))
    narrower = await silencing.revise(draft.id, MINJI, scope=Scope.INSTANCE)

    assert shorter.draft.ends_at == NOW + timedelta(minutes=30)
    assert narrower.draft.id == draft.id
    assert narrower.draft.lasts_s == 1800
    assert len(narrower.muted) == 1


@pytest.mark.parametrize("lasts", [timedelta(minutes=1), timedelta(days=15)])
async def test_a_change_keeps_the_bounds(silencing, lasts):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft

    with pytest.raises(InvalidDuration):
        await silencing.revise(draft.id, MINJI, lasts=lasts)


async def test_confirming_makes_a_real_silence_that_says_who_and_why(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI, reason="deploy")).draft

    row = await silencing.confirm(draft.id, MINJI)

    [made] = world.source.silenced
    assert made.matchers == (Matcher("alertname", "HighLatency"),)
    assert made.ends_at == NOW + timedelta(hours=2)
    assert made.created_by == "discord: minji (1001)"
    assert made.comment == "deploy"
    assert row.silence == made
    assert row.rule == "HighLatency"
    assert await silencing.active() == [row]


async def test_a_silence_is_told_on_the_incidents_it_covers_and_in_the_audit(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI, reason="deploy")).draft

    row = await silencing.confirm(draft.id, MINJI)

    assert (await kinds(world))[-1] is EntryKind.SILENCED
    assert await silencing.covering(1) == [row]
    [audit] = await world.database.audit.rows(1)
    assert (audit.actor, audit.action, audit.target) == (MINJI, "silence", "HighLatency")
    assert 'alertname="HighLatency"' in audit.detail


async def test_an_incident_it_does_not_cover_is_left_alone(world, silencing):
    draft = (await silencing.propose("DiskFilling", "2h", MINJI)).draft

    await silencing.confirm(draft.id, MINJI)

    assert EntryKind.SILENCED not in await kinds(world)
    assert await silencing.covering(1) == []


async def test_two_presses_at_once_make_one_silence(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft

    results = await asyncio.gather(*(silencing.confirm(draft.id, MINJI) for _ in range(5)), return_exceptions=True)

    assert len(world.source.silenced) == 1
    # One of the others may be told that it is under way.
    assert sum(isinstance(result, (OutOfDate, SourceError)) for result in results) == 4


async def test_only_the_author_confirms_changes_or_cancels(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft

    for attempt in (
        silencing.confirm(draft.id, JUN),
        silencing.revise(draft.id, JUN, scope=Scope.INSTANCE),
        silencing.cancel(draft.id, JUN),
    ):
        with pytest.raises(NotAllowed) as refused:
            await attempt
        assert refused.value.values == {"name": "minji"}
    assert world.source.silenced == []


async def test_who_lost_the_role_meanwhile_cannot_confirm(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft
    world.rules.policy = Policy({Right.SILENCE: JUN.role_ids})

    with pytest.raises(NotAllowed, match="not_allowed_silence"):
        await silencing.confirm(draft.id, MINJI)

    assert world.source.silenced == []


async def test_a_length_counts_from_the_confirmation(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft
    world.clock.forward(minutes=20)

    row = await silencing.confirm(draft.id, MINJI)

    assert row.silence.ends_at == NOW + timedelta(hours=2, minutes=20)


async def test_a_moment_stays_where_it_was(world, silencing):
    draft = (await silencing.propose("HighLatency", "until 18:00", MINJI)).draft
    world.clock.forward(minutes=20)

    row = await silencing.confirm(draft.id, MINJI)

    assert row.silence.ends_at == NOW.replace(hour=18)


async def test_a_moment_that_passed_before_the_confirmation_is_refused(world, silencing):
    draft = (await silencing.propose("HighLatency", "until 18:00", MINJI)).draft
    world.clock.forward(hours=20)

    with pytest.raises(OutOfDate, match="duration_past"):
        await silencing.confirm(draft.id, MINJI)

    assert world.source.silenced == []
    assert (await silencing.revise(draft.id, MINJI, lasts=timedelta(hours=1))).draft.id == draft.id


async def test_a_cancelled_proposal_cannot_be_confirmed(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft

    await silencing.cancel(draft.id, MINJI)

    with pytest.raises(OutOfDate):
        await silencing.confirm(draft.id, MINJI)
    assert world.source.silenced == []


async def test_a_source_that_refuses_leaves_the_proposal_to_try_again(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft
    world.source.down = "connection refused"

    with pytest.raises(SourceError):
        await silencing.confirm(draft.id, MINJI)

    world.source.down = None
    await silencing.confirm(draft.id, MINJI)
    assert len(world.source.silenced) == 1
    assert (await kinds(world)).count(EntryKind.SILENCED) == 1


async def test_with_no_alert_source_the_refusal_says_what_to_set_as_often_as_one_tries(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft
    silencing._source = silencing._maker._source = AbsentAlertSource()

    for _ in range(2):
        with pytest.raises(Refused, match="no_alert_source"):
            await silencing.confirm(draft.id, MINJI)
        # Nor is anything said of what it would mute, which nobody could know.
        with pytest.raises(Refused, match="no_alert_source"):
            await silencing.propose_for_incident(1, MINJI)


async def test_while_the_source_hangs_the_preview_counts_what_was_known_and_says_so(world, silencing):
    world.source.hangs = True

    preview = await silencing.propose("HighLatency", "2h", MINJI)

    assert preview.stale
    assert len(preview.muted) == 3


async def test_while_the_source_hangs_a_confirmation_answers_and_can_be_repeated(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft
    world.source.hangs = True

    with pytest.raises(SourceError, match="source_slow"):
        await silencing.confirm(draft.id, MINJI)

    world.source.hangs = False
    await confirmed(silencing, draft.id)
    assert len(world.source.silenced) == 1


async def confirmed(silencing, draft):
    """Press until it is made; while it is under way one is told so."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await silencing.confirm(draft, MINJI)
            except SourceError:
                await asyncio.sleep(0.05)


class SlowSource(FakeAlertSource):
    """Takes a silence at once, and says so much later or never."""

    def __init__(self, clock, *, ever=False):
        super().__init__(clock)
        self.answers = asyncio.Event()
        self.ever = ever

    async def create_silence(self, *asked):
        made = await super().create_silence(*asked)
        await self.answers.wait()
        if self.ever:
            return made
        raise SourceUnavailable("alertmanager", "the connection was lost")


@pytest.mark.parametrize("ever", [True, False])
async def test_three_presses_on_a_slow_source_make_one_silence(world, silencing, ever):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft
    source = SlowSource(world.clock, ever=ever)
    silencing._maker._source = source
    for _ in range(3):
        with pytest.raises(SourceError, match="source_slow"):
            await silencing.confirm(draft.id, MINJI)
    source.answers.set()
    async with asyncio.timeout(60):
        while silencing._making:
            await asyncio.sleep(0.01)
    if not await silencing.active():
        await confirmed(silencing, draft.id)

    assert len(source.silenced) == 1
    assert [row.silence.source_id for row in await silencing.active()] == ["silence-1"]


async def test_who_silenced_is_written_down_before_the_source_is_asked(world, silencing):
    draft = (await silencing.propose("HighLatency", "2h", MINJI)).draft
    source = SlowSource(world.clock)
    silencing._maker._source = source

    with pytest.raises(SourceError):
        await silencing.confirm(draft.id, MINJI)

    # Were the process killed now, there would be a silence of which only this row tells more than its source.
    row = (await world.database.audit.rows(1))[0]
    assert (row.action, row.actor.id, row.target) == ("silence_asked", MINJI.id, "HighLatency")
    assert len(source.silenced) == 1


async def test_while_the_source_hangs_an_undo_answers_and_changes_nothing(world, silencing):
    row = await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)
    world.source.hangs = True

    with pytest.raises(SourceError, match="source_slow"):
        await silencing.undo(row.id, MINJI)

    assert await silencing.active() == [row]


async def test_undo_ends_it_at_the_source_and_tells_the_incident(world, silencing):
    row = await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)

    ended = await silencing.undo(row.id, JUN)

    assert world.source.silenced == []
    assert ended.silence.ended_at == NOW
    assert (await kinds(world))[-1] is EntryKind.UNSILENCED
    assert await silencing.active() == []
    [audit] = await world.database.audit.rows(1)
    assert (audit.actor, audit.action, audit.target) == (JUN, "unsilence", "HighLatency")


async def test_a_second_undo_says_the_same_and_does_nothing(world, silencing):
    row = await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)
    await silencing.undo(row.id, JUN)

    await silencing.undo(row.id, JUN)

    assert (await kinds(world)).count(EntryKind.UNSILENCED) == 1


async def test_without_the_role_nothing_is_undone(world, silencing):
    row = await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)

    with pytest.raises(NotAllowed):
        await silencing.undo(row.id, MALLORY)

    assert len(world.source.silenced) == 1


async def test_a_silence_made_in_grafana_is_known_and_drawn(world, silencing):
    ends = NOW + timedelta(hours=1)
    world.source.silenced = [Silence("x", (Matcher("alertname", "HighLatency"),), NOW, ends, "admin", "planned")]
    version = (await world.database.incidents.load(1)).version
    await all_drawn(world)

    await world.muting.sync()

    [row] = await silencing.covering(1)
    assert row.silence.created_by == "admin"
    assert [task.incident for task in await world.database.outbox.due(NOW, 10)] == [1]
    assert (await world.database.incidents.load(1)).version >= version


async def test_a_silence_that_could_not_be_drawn_while_the_store_was_away_is_drawn_at_the_next_look(world, monkeypatch):
    ends = NOW + timedelta(hours=1)
    await world.muting.sync()
    world.source.silenced = [Silence("x", (Matcher("alertname", "HighLatency"),), NOW, ends, "admin", "planned")]
    await all_drawn(world)

    async def failing(*_):
        raise SourceUnavailable("store", "locked")

    with monkeypatch.context() as broken:
        broken.setattr(world.database.incidents, "redraw", failing)
        with pytest.raises(SourceUnavailable):
            await world.muting.sync()

    await world.muting.sync()

    assert [task.incident for task in await world.database.outbox.due(NOW, 10)] == [1]


async def test_a_silence_that_ended_in_grafana_is_drawn_as_ended(world, silencing):
    await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)
    await world.source.expire_silence(world.source.silenced[0].source_id)
    world.clock.forward(minutes=1)
    await all_drawn(world)

    await world.muting.sync()

    assert await silencing.active() == []
    assert world.muting.notices == ()
    assert [task.incident for task in await world.database.outbox.due(world.clock(), 10)] == [1]


async def test_a_silence_that_the_source_has_lost_is_said_for_as_long_as_it_would_have_lasted(world, silencing):
    await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)
    await world.muting.sync()
    world.source.silenced = []
    world.clock.forward(minutes=1)

    await world.muting.sync()
    await world.muting.sync()

    [notice] = world.muting.notices
    assert (notice.key, notice.values["count"], notice.values["names"]) == ("silences_lost", "1", "HighLatency")
    kinds = [entry.kind for entry in await world.database.incidents.timeline(1)]
    assert kinds.count(EntryKind.SILENCE_LOST) == 1
    world.clock.forward(hours=2)
    assert world.muting.notices == ()


async def test_a_silence_that_the_source_lists_again_was_not_lost(world, silencing):
    await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)
    kept, world.source.silenced = world.source.silenced, []
    world.clock.forward(minutes=1)
    await world.muting.sync()
    world.source.silenced = kept
    world.clock.forward(minutes=1)

    await world.muting.sync()

    assert world.muting.notices == ()


async def test_a_silence_that_ran_out_is_drawn_as_ended(world, silencing):
    await silencing.confirm((await silencing.propose("HighLatency", "1h", MINJI)).draft.id, MINJI)
    await world.muting.sync()
    await all_drawn(world)
    world.clock.forward(hours=1)

    await world.muting.sync()

    assert await silencing.active() == []
    assert [task.incident for task in await world.database.outbox.due(world.clock(), 10)] == [1]


async def test_nothing_is_drawn_when_nothing_changed(world, silencing):
    await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)
    await all_drawn(world)

    await world.muting.sync()

    assert await world.database.outbox.due(world.clock(), 10) == []


async def test_a_source_that_does_not_answer_ends_no_silence(world, silencing):
    row = await silencing.confirm((await silencing.propose("HighLatency", "2h", MINJI)).draft.id, MINJI)
    world.source.down = "connection refused"
    world.clock.forward(minutes=1)

    with pytest.raises(SourceError):
        await world.muting.sync()

    assert [each.id for each in await silencing.active()] == [row.id]


async def all_drawn(world: World) -> None:
    """Let every card that waits be drawn."""
    for task in await world.database.outbox.due(world.clock(), 10):
        incident = await world.database.incidents.load(task.incident)
        version = incident.version
        await world.muting.of(incident)
        await world.database.outbox.delivered(task, version, MessageRef(77, 9000), world.clock())
