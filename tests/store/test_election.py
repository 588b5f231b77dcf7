"""Which of several processes leads, on a real PostgreSQL: one at a time, whatever dies, hangs or is cut off."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import uuid
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from bot.errors import ConfigurationError, SourceUnavailable
from bot.store.database import Database, driver_url
from bot.store.election import Election
from bot.store.fence import FencedRunner, Term, boot_time
from playground.process import free_port
from tests.builders import NOW
from tests.postgres import create_database
from tests.stalling import StallingProxy

LEASE_S = 2.0
# For a busy machine; nothing that is well takes so long.
PATIENCE_S = 60


@pytest.fixture
def address(postgres, postgres_template):
    return create_database(postgres, f"e{uuid.uuid4().hex}", postgres_template)


def candidate(address, lease_s=LEASE_S):
    return Election(driver_url(address), lease_s)


@asynccontextmanager
async def leading(election):
    """Lead, and be led out again."""
    async with asyncio.timeout(PATIENCE_S), AsyncExitStack() as stack:
        yield await stack.enter_async_context(election.term())


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.02)


async def ask(address, statement, *values):
    connection = await asyncpg.connect(address)
    try:
        return await connection.fetch(statement, *values)
    finally:
        await connection.close()


async def test_one_leads_and_the_next_when_it_has_ended(address):
    waiting: list[bool] = []
    second = candidate(address)
    second.on_standby(lambda: waiting.append(True))
    async with leading(candidate(address)) as first:
        follows = asyncio.create_task(second.term().__aenter__())
        await until(lambda: len(waiting) >= 3)
        assert (first.holds(), follows.done()) == (True, False)

    async with asyncio.timeout(PATIENCE_S):
        term = await follows

    assert (first.holds(), term.holds()) == (False, True)
    assert term.number == first.number + 1
    await second._close()


async def test_who_loses_its_session_leads_on_when_nobody_else_does(address):
    election = candidate(address)
    async with leading(election) as term:
        session = election._pid

        await ask(address, "SELECT pg_terminate_backend($1::int)", session)
        await until(lambda: election._pid != session and term.holds())

        told = await ask(address, "SELECT value FROM leadership WHERE name = 'term'")
        assert [row["value"] for row in told] == [term.number]


async def test_who_loses_its_session_is_not_sure_to_lead_any_more(address):
    election = candidate(address, lease_s=10.0)
    async with leading(election) as term:
        cut = asyncio.Event()
        election._connection.add_termination_listener(lambda _: cut.set())

        await ask(address, "SELECT pg_terminate_backend($1::int)", election._pid)
        await cut.wait()

        assert (term.holds(), term.over.is_set()) == (False, False)


async def test_who_has_read_that_its_session_ends_but_not_its_close_leads_on(address):
    port = make_url(address).port
    async with StallingProxy.open(port) as proxy:
        election = candidate(address.replace(f":{port}/", f":{proxy.port}/"))
        async with leading(election) as term:
            session = election._pid
            proxy.hold_ends()

            await ask(address, "SELECT pg_terminate_backend($1::int)", session)
            await until(lambda: election._pid != session and term.holds())

            assert not term.over.is_set()
            proxy.go_on()


async def test_who_is_cut_off_stops_before_another_one_leads(address):
    port = make_url(address).port
    async with StallingProxy.open(port) as proxy:
        cut_off = address.replace(f":{port}/", f":{proxy.port}/")
        async with leading(candidate(cut_off)) as first:
            follows = asyncio.create_task(candidate_leads(address, first))

            proxy.stall()

            async with asyncio.timeout(PATIENCE_S):
                first_held = await follows
            assert not first_held
            await asyncio.wait_for(first.over.wait(), PATIENCE_S)
            proxy.go_on()


async def candidate_leads(address, first):
    async with leading(candidate(address)) as second:
        held = first.holds()
        assert second.number == first.number + 1
        return held


async def test_a_transaction_that_a_suspended_leader_has_begun_does_not_keep_the_next_from_leading(address):
    suspended = await asyncpg.connect(address)
    try:
        await suspended.execute("BEGIN")
        await suspended.fetch("SELECT value FROM leadership WHERE name = 'term' FOR SHARE")

        async with leading(candidate(address)) as term:
            assert term.holds()

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
            await suspended.execute("COMMIT")
    finally:
        suspended.terminate()


async def test_nothing_of_an_earlier_term_is_written(address):
    async with Database.open(address) as whole, leading(candidate(address)) as first:
        earlier = whole.of_term(first)
        await earlier.keepsakes.remember("who", "first")
        # As if it had been suspended: it knows of nothing.
        before = Term(first.number)
        late = Database(FencedRunner(whole._runner, before))
        await raise_term(address)

        with pytest.raises(SourceUnavailable):
            await late.keepsakes.remember("who", "late")

        assert before.over.is_set()
        assert await late.keepsakes.recall("who") == "first"
        # What comes in is kept whoever leads.
        await whole.inbox.keep("grafana", b"kept", NOW)
        assert [each.body for each in await whole.inbox.pending(5)] == [b"kept"]


async def raise_term(address):
    await ask(address, "UPDATE leadership SET value = value + 1 WHERE name = 'term'")


async def test_a_term_that_was_raised_meanwhile_ends(address):
    async with leading(candidate(address)) as term:
        await raise_term(address)

        await asyncio.wait_for(term.over.wait(), PATIENCE_S)

        assert not term.holds()


async def test_who_leads_hears_of_what_another_process_has_stored(address):
    heard = asyncio.Event()
    election = candidate(address)
    election.on_arrival(heard.set)
    async with leading(election), Database.open(address) as other:
        await other.inbox.keep("grafana", b"{}", NOW)

        await asyncio.wait_for(heard.wait(), PATIENCE_S)


async def test_a_signed_body_that_two_processes_are_sent_is_kept_once(address):
    async with Database.open(address) as one, Database.open(address) as other:
        kept = [one.inbox.keep("grafana", b"{}", NOW, signature="5ec7e1"), other.inbox.keep("grafana", b"{}", NOW)]
        again = other.inbox.keep("grafana", b"{}", NOW, signature="5ec7e1")
        numbers = await asyncio.gather(*kept, again)

        assert numbers[0] == numbers[2] != numbers[1]
        assert len(await one.inbox.pending(10)) == 2


async def test_a_server_that_is_not_there_yet_is_waited_for(address, caplog):
    port = free_port()
    election = candidate(f"postgresql://bongsu@127.0.0.1:{port}/{make_url(address).database}")
    waiting = asyncio.create_task(election.term().__aenter__())
    await until(lambda: "who leads cannot be asked" in caplog.text)
    # Whoever opens the store says it better.
    await election.require_sessions()

    server = await asyncio.start_server(through_to(make_url(address).port), "127.0.0.1", port)
    async with asyncio.timeout(PATIENCE_S):
        term = await waiting

    assert term.holds()
    await election._close()
    server.close()


def through_to(port):
    async def take(reader, writer):
        await StallingProxy(port)._take(reader, writer)

    return take


def test_a_lease_runs_by_a_clock_that_nobody_sets():
    assert not Term(1, boot_time() - 0.001).holds()
    assert Term(1, boot_time() + 60).holds()
    assert Term().holds()


@contextmanager
def pgbouncer(address, mode, folder: Path):
    """Start a real PgBouncer before a database; yields the address through it."""
    url, port = make_url(address), free_port()
    users = folder / "users.txt"
    users.write_text('"bongsu" ""\n')
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{url.database} = host=127.0.0.1 port={url.port} user=bongsu\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\nauth_file = {users}\n"
        f"unix_socket_dir =\npool_mode = {mode}\ndefault_pool_size = 20\nignore_startup_parameters = extra_float_digits\n"
        f"logfile = {folder}/pgbouncer.log\n"
    )
    folder.chmod(0o755)
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    child = subprocess.Popen([program, str(settings)], user=user, cwd="/", stderr=subprocess.DEVNULL)
    try:
        yield f"postgresql://bongsu@127.0.0.1:{port}/{url.database}"
    finally:
        child.terminate()
        child.wait(timeout=30)


async def answers(address):
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                connection = await asyncpg.connect(address, statement_cache_size=0)
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                return


async def test_a_pooler_that_shares_sessions_is_told_in_a_sentence(address, open_folder):
    with pgbouncer(address, "transaction", open_folder) as pooled:
        await answers(pooled)

        with pytest.raises(ConfigurationError) as refused:
            await candidate(pooled).require_sessions()

    assert refused.value.values["problem"].key == "database.pooled"


async def test_a_pooler_that_keeps_sessions_apart_will_do(address, open_folder):
    with pgbouncer(address, "session", open_folder) as pooled:
        await answers(pooled)
        election = candidate(pooled)
        await election.require_sessions()

        async with leading(election) as term:
            assert term.holds()


@pytest.fixture
def open_folder():
    """A folder that PostgreSQL's user may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="bongsu-pgb-") as name:
        yield Path(name)
