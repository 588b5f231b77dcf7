"""Connects to Discord: intents, commands, buttons, and the one place that touches discord.py's internals."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import pkgutil
import re
from collections.abc import Awaitable, Callable, Collection, Coroutine
from importlib import import_module
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.asset import Asset
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.core.services import Services
from bot.domain.asking import Heard
from bot.errors import BongsuError, NotAllowed, SourceUnavailable
from bot.i18n import has, text
from bot.ports import Keepsakes
from bot.ui.buttons import ActionButton, ActionMenu
from bot.ui.connection import count_heartbeats_from_their_making, say_outages_in_one_line
from bot.ui.fixing import FixButton, submitted
from bot.ui.rate_limits import count_requests
from bot.ui.replies import language_for, member_of, say, say_error

log = logging.getLogger(__name__)


# Found by name, because cogs stand above the client and import it.
_COGS = "cogs"
# What people say, not what Discord says of them: that they joined, pinned, opened a thread.
_SAID = (discord.MessageType.default, discord.MessageType.reply)

# Voice is never used; discord.py would warn at every start that it cannot speak.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class BongsuClient(commands.AutoShardedBot):
    """A bot without privileged intents, without caches it does not need, for one guild.

    One shard, and yet the sharded class: it survives a gateway that cannot be reached at the first attempt, which the
    plain one does not (discord.py #10520).
    """

    def __init__(self, *, keepsakes: Keepsakes, guild_ready_timeout_s: float = 2.0) -> None:
        count_heartbeats_from_their_making()
        say_outages_in_one_line()
        super().__init__(
            command_prefix=commands.when_mentioned,
            # What is said to us is told us with its words; of all else only that it was said.
            intents=discord.Intents(guilds=True, guild_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            tree_cls=Tree,
            help_command=None,
            shard_count=1,
            shard_ids=[0],
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=guild_ready_timeout_s,
        )
        count_requests(self)
        self.services: Services
        self.logged_in = asyncio.Event()
        self._keepsakes = keepsakes

    def serve(self, services: Services) -> None:
        """Name what commands and buttons ask for: its parts speak through us, so it is made after us, before the login."""
        self.services = services

    async def setup_hook(self) -> None:
        """Load every cog, make old buttons answer, tell Discord our commands if they have changed."""
        for module in pkgutil.iter_modules(import_module(_COGS).__path__, f"{_COGS}."):
            # A cog that fails to load stops the start: a command that is silently missing is found too late.
            if module.name not in self.extensions:
                await self.load_extension(module.name)
        self.add_dynamic_items(ActionButton, ActionMenu, FixButton)
        await self.tree.set_translator(Words())
        try:
            await self._sync()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            # Cards and buttons work without it, and an alert must not wait for a list of commands.
            log.error("Discord did not take our commands (does the bot have applications.commands?): %s", error)  # noqa: TRY400

    async def on_message(self, message: discord.Message, /) -> None:
        """Take up a question from somebody who mentions us; there are no commands in messages."""
        heard = heard_of(self, message)
        if heard is not None:
            await self.services.asking.heard(heard)

    async def on_interaction(self, interaction: discord.Interaction, /) -> None:
        """Take the answer of a form; discord.py knows only those that this process has opened."""
        await submitted(interaction)

    def on_channels(self, *callbacks: Callable[[], None]) -> None:
        """Have somebody called when channels, or what we may do in them, have changed."""
        # With a new session nobody tells us what has changed meanwhile.
        of_channels = ("guild_channel_create", "guild_channel_delete", "guild_channel_update", "guild_role_update")
        for event in (*of_channels, "ready"):
            for callback in callbacks:
                self.add_listener(_calling(callback), f"on_{event}")

    def on_deleted(self, told: Callable[[int, Collection[int] | None], Awaitable[None]]) -> None:
        """Have somebody told which messages of a channel or thread were deleted; None for all of it."""

        async def message(event: discord.RawMessageDeleteEvent) -> None:
            await told(event.channel_id, [event.message_id])

        async def messages(event: discord.RawBulkMessageDeleteEvent) -> None:
            await told(event.channel_id, event.message_ids)

        async def channel(gone: discord.abc.GuildChannel) -> None:
            await told(gone.id, None)

        async def thread(event: discord.RawThreadDeleteEvent) -> None:
            await told(event.thread_id, None)

        self.add_listener(message, "on_raw_message_delete")
        self.add_listener(messages, "on_raw_bulk_message_delete")
        self.add_listener(channel, "on_guild_channel_delete")
        self.add_listener(thread, "on_raw_thread_delete")

    @property
    def gateway_ready(self) -> bool:
        """Whether the gateway is connected and has told us our guild."""
        shards = self.shards.values()
        return self.is_ready() and bool(shards) and not any(shard.is_closed() for shard in shards)

    async def ping(self) -> None:
        """Raise SourceUnavailable while the gateway is not connected."""
        if not self.gateway_ready:
            raise SourceUnavailable("discord", "the gateway is not connected")

    async def forget_login(self) -> None:
        """Give up a login that failed, so that the next one can be tried."""
        await self.http.close()
        # It was closed with the session, and discord.py would take it for the next one.
        self.http.connector = discord.utils.MISSING

    async def _sync(self) -> None:
        """Tell Discord our commands if they, or the guild, are not the ones it was told last."""
        guild = discord.Object(self.services.guild_id)
        self.tree.copy_global_to(guild=guild)
        known = sorted(self.tree.get_commands(guild=guild), key=lambda command: command.name)
        payload = [await _payload(command, self.tree) for command in known]
        told = json.dumps([payload, guild.id, self.application_id], sort_keys=True)
        digest = hashlib.sha256(told.encode()).hexdigest()
        told_before = await self._keepsakes.recall("commands") == digest
        # Who removes the bot from the guild removes its commands too, and nobody tells us.
        if told_before and len(await self.tree.fetch_commands(guild=guild)) == len(known):
            return
        await self.tree.sync(guild=guild)
        await self._keepsakes.remember("commands", digest)


def heard_of(client: BongsuClient, message: discord.Message) -> Heard | None:
    """Return what a person says to us in our guild; None for anything else, such as a reply that only pings us."""
    user, guild = client.user, message.guild
    if user is None or guild is None or guild.id != client.services.guild_id:
        return None
    if message.author.bot or message.webhook_id is not None or message.type not in _SAID:
        return None
    # Not `mentions`, in which whoever is replied to stands as well.
    if user.id not in message.raw_mentions:
        return None
    words = re.sub(rf"<@!?{user.id}>", " ", message.content)
    return Heard(message.channel.id, message.id, member_of(message.author), " ".join(words.split()))


class Tree(app_commands.CommandTree[BongsuClient]):
    """Commands: for our guild only, and the one place where their errors become sentences."""

    async def interaction_check(self, interaction: discord.Interaction[BongsuClient], /) -> bool:
        """Turn away who is not in our guild."""
        if interaction.guild_id == self.client.services.guild_id:
            return True
        if interaction.type is discord.InteractionType.application_command:
            await say_error(interaction, NotAllowed("errors.other_guild"))
        return False

    async def on_error(
        self, interaction: discord.Interaction[BongsuClient], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the asker what went wrong."""
        if interaction.type is discord.InteractionType.autocomplete:
            log.warning("autocomplete failed: %s", error)
            return
        if isinstance(error, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
            # Discord still shows a command of an older version.
            await say(interaction, text(language_for(interaction), "errors.unknown_command"))
            return
        await say_error(interaction, _cause(error))


def localized(key: str) -> app_commands.locale_str:
    """Return a command's text in English, with the key under which `Words` finds it in the reader's language."""
    return app_commands.locale_str(text("en", key), key=key)


class Words(app_commands.Translator):
    """Descriptions and options of commands in Korean; English stands in the code's texts as well."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Look a text up by the key it carries."""
        del context
        key = string.extras.get("key", "")
        if locale is discord.Locale.korean and has(key):
            return text("ko", key)
        return None


def _calling(callback: Callable[[], None]) -> Callable[..., Coroutine[Any, Any, None]]:
    async def heard(*_: object) -> None:
        callback()

    return heard


def point_to(address: str) -> None:
    """Have discord.py speak to another server than Discord: the playground, on this machine."""
    base = yarl.URL(address)
    Route.BASE = str(base / "api/v10")
    DiscordWebSocket.DEFAULT_GATEWAY = base.with_scheme("wss" if base.scheme == "https" else "ws") / "gateway"
    Asset.BASE = str(base).rstrip("/")  # pyright: ignore[reportAttributeAccessIssue]


def _cause(error: app_commands.AppCommandError) -> Exception:
    """Find what a person can be told in what discord.py has wrapped around it."""
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    return error.__cause__ if isinstance(error.__cause__, BongsuError) else error


async def _payload(command: Any, tree: app_commands.CommandTree[Any]) -> dict[str, Any]:
    translator = tree.translator
    return await command.get_translated_payload(tree, translator) if translator else command.to_dict(tree)
