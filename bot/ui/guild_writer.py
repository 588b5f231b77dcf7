"""Holds what each message to the Discord server needs: the client, a deadline, and our words for Discord's errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import discord

from bot.domain.messages import MessageRef
from bot.errors import BongsuError, ChannelClosed, DeliveryDelayed, DeliveryRefused, DeliveryUnanswered, MessageGone
from bot.i18n import Language

# As many as Discord lists at a time.
SEARCHED_MESSAGES = 100

_DEADLINE_S = 15.0
_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE, _EDITED_TOO_OFTEN, _UNAUTHORISED = 10003, 10008, 30046, 401
# Discord publishes no number for "edited too often"; less than a minute only makes it worse.
_EDIT_PAUSE_S = 60.0

_MENDING = {
    50001: "the bot cannot see the channel: allow it View Channel there",
    50013: "the bot may not write there: allow it Send Messages and Read Message History",
    50008: "the channel takes no messages (a forum?): name a text channel under channels",
    50083: "the thread of the card is archived: open it again",
    160005: "the thread of the card is locked: unlock it, or allow the bot Manage Threads",
}
# Of these it is the channel that refuses, whatever is to be posted.
_CLOSED = frozenset({50001, 50013, 50008})


class GuildWriter:
    """Knows whose server it is and in which language it is written to; it needs REST only."""

    def __init__(
        self, client: discord.Client, guild_id: int, language: Language, forget_channels: Callable[[], None]
    ) -> None:
        self.client: Final = client
        self.guild_id: Final = guild_id
        self.language: Final[Language] = language
        self._forget_channels = forget_channels

    def place(self, channel_id: int) -> discord.PartialMessageable:
        """Return a channel or thread to write to, without asking for it."""
        return self.client.get_partial_messageable(channel_id, guild_id=self.guild_id)

    def address(self, message: MessageRef) -> str:
        """Return where a person opens a message."""
        return f"https://discord.com/channels/{self.guild_id}/{message.channel_id}/{message.message_id}"

    def is_ours(self, message: discord.Message) -> bool:
        """Tell whether we wrote a message."""
        return self.client.user is None or message.author.id == self.client.user.id

    @asynccontextmanager
    async def translated(self, *, in_place: bool = False) -> AsyncGenerator[None]:
        """Give every call a deadline, and turn Discord's errors into ours."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                yield
        except TimeoutError as error:
            raise DeliveryUnanswered(f"no answer within {_DEADLINE_S:.0f} s") from error
        except discord.RateLimited as error:
            raise DeliveryDelayed("rate limited", error.retry_after) from error
        except discord.HTTPException as error:
            raise self._meaning(error, in_place=in_place) from error
        except (aiohttp.ClientError, OSError) as error:
            raise DeliveryUnanswered(f"no connection ({type(error).__name__})") from error
        except (ValueError, LookupError, TypeError) as error:
            # Not JSON, or not what Discord documents: a proxy's page, an answer that was cut off.
            raise DeliveryDelayed(f"an answer that cannot be read ({type(error).__name__})") from error

    def _meaning(self, error: discord.HTTPException, *, in_place: bool) -> BongsuError:
        if error.status >= 500:
            # Often of what stands in front of Discord, which may go on working on it.
            return DeliveryUnanswered(f"Discord answered {error.status}")
        if error.code == _EDITED_TOO_OFTEN:
            return DeliveryDelayed("edited too often", _EDIT_PAUSE_S)
        if error.status == 429:
            # From what stands in front of Discord, whose answer has a header at most.
            told = error.response.headers.get("Retry-After", "")
            return DeliveryDelayed("rate limited", float(told) if told.isdecimal() else 5.0)
        if error.code == _UNKNOWN_CHANNEL:
            # It may have been made anew under the same name, so the next attempt asks which channels there are.
            self._forget_channels()
            return MessageGone() if in_place else DeliveryDelayed("the channel was deleted")
        if error.code == _UNKNOWN_MESSAGE:
            return MessageGone()
        if error.code in _CLOSED:
            return ChannelClosed(_MENDING[error.code])
        mending = "the token is not valid any more" if error.status == _UNAUTHORISED else _MENDING.get(error.code)
        return DeliveryRefused(mending or f"{error.status} (error code {error.code}): {error.text}"[:300])
