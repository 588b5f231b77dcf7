"""Shares what cogs and buttons need: who is asking, in which language, and how to tell them no."""

from __future__ import annotations

import asyncio
import logging
import secrets

import aiohttp
import discord

from bot.domain.people import Person
from bot.errors import BongsuError, NotAllowed, SourceSlow, SourceUnavailable
from bot.i18n import Language, language_of, said, text
from bot.ui.limits import plain

log = logging.getLogger(__name__)

# Long before the presser gives up, and Discord after 15 minutes.
_MEMBER_S = 20.0
UNKNOWN_MESSAGE = 10008
_UNKNOWN_CHANNEL, _UNKNOWN_WEBHOOK, _UNKNOWN_INTERACTION, _ALREADY_ANSWERED = 10003, 10015, 10062, 40060
_INVALID_WEBHOOK_TOKEN = 50027
# After 3 seconds without an answer, or 15 minutes, when Discord replays an old press, or when what was asked is gone
# with its channel, nobody listens any more.
_NOBODY_LISTENS = frozenset(
    {
        UNKNOWN_MESSAGE,
        _UNKNOWN_CHANNEL,
        _UNKNOWN_WEBHOOK,
        _UNKNOWN_INTERACTION,
        _ALREADY_ANSWERED,
        _INVALID_WEBHOOK_TOKEN,
    }
)


def person_of(interaction: discord.Interaction[discord.Client]) -> Person:
    """Return who is asking, with the roles the interaction itself carries."""
    user = interaction.user
    roles = frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset[int]()
    return Person(user.id, user.display_name, roles, interaction.permissions.manage_guild)


def member_of(author: discord.abc.User) -> Person:
    """Return who wrote a message, with the roles that the message itself carries."""
    if not isinstance(author, discord.Member):
        return Person(author.id, author.display_name)
    roles = frozenset(role.id for role in author.roles)
    return Person(author.id, author.display_name, roles, author.guild_permissions.manage_guild)


async def person_alone(interaction: discord.Interaction[discord.Client], guild_id: int) -> Person:
    """Return who is asking in a direct message, where Discord tells no roles: as the member of a guild that they are.

    Raises NotAllowed if they are none, SourceUnavailable if Discord does not say so in time.
    """
    guild = interaction.client.get_guild(guild_id)
    try:
        if guild is None:
            raise SourceUnavailable("discord", "the gateway has not told the guild")
        async with asyncio.timeout(_MEMBER_S):
            return member_of(await guild.fetch_member(interaction.user.id))
    except discord.NotFound as error:
        raise NotAllowed("errors.other_guild") from error
    except TimeoutError as error:
        raise SourceSlow("discord", f"{_MEMBER_S:g} s") from error
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise SourceUnavailable("discord", str(error) or type(error).__name__) from error


def language_for(interaction: discord.Interaction[discord.Client]) -> Language:
    """Return the language of the person who is asking."""
    return language_of(interaction.locale.value)


async def say(interaction: discord.Interaction[discord.Client], words: str) -> None:
    """Answer for the asker's eyes only, whether or not the interaction was deferred."""
    none = discord.AllowedMentions.none()
    try:
        if interaction.response.is_done():
            await interaction.followup.send(words, ephemeral=True, allowed_mentions=none)
        else:
            await interaction.response.send_message(words, ephemeral=True, allowed_mentions=none)
    except discord.HTTPException as error:
        if error.code not in _NOBODY_LISTENS:
            raise
    except (aiohttp.ClientError, OSError) as error:
        # Not an HTTPException: nothing came back. Whoever asked sees that Discord did not hear of an answer.
        log.warning("an answer did not reach Discord (%s)", type(error).__name__)


async def say_error(interaction: discord.Interaction[discord.Client], error: Exception) -> None:
    """Turn an error into a sentence for the asker; what nobody foresaw is logged under a reference."""
    language = language_for(interaction)
    if isinstance(error, BongsuError):
        # What somebody typed, or another server said, is quoted here.
        values = {name: plain(said(language, value), 300) for name, value in error.values.items()}
        await say(interaction, text(language, error.key, **values)[:2000])
        return
    if isinstance(error, discord.HTTPException) and error.code in _NOBODY_LISTENS:
        log.info("an interaction was answered too late: %s", error)
        return
    if isinstance(error, aiohttp.ClientError | ConnectionError):
        log.warning("Discord could not be reached for an answer (%s)", type(error).__name__)
        await say(interaction, text(language, "errors.discord_unreachable"))
        return
    reference = secrets.token_hex(3)
    log.error("unexpected, reference %s", reference, exc_info=error)
    await say(interaction, text(language, "errors.unexpected", reference=reference))
