"""Who and what there is: one guild, its channels, its roles and its people, with ids that never change."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Snowflakes: the time they carry is in 2024, so that nothing made later sorts before them.
GUILD_ID = 1200000000000000001
APPLICATION_ID = 1200000000000000100
CHANNELS = {
    "alert-urgent": 1200000000000000011,
    "alert-normal": 1200000000000000012,
    "general": 1200000000000000013,
}
ROLES = {"oncall": 1200000000000000021, "viewer": 1200000000000000022}


# In which language people and their guild are called; each playground has its own.
LANGUAGE: ContextVar[str] = ContextVar("language", default="ko")


@dataclass(frozen=True)
class Inhabitant:
    """A person of the guild, or the bot."""

    id: int
    name: str
    korean: str
    english: str
    roles: tuple[str, ...] = ()
    bot: bool = False
    colour: str = "#5b6ee1"

    @property
    def display_name(self) -> str:
        """Return what they call themselves."""
        return self.english if LANGUAGE.get() == "en" else self.korean

    def user(self) -> Json:
        """Return the Discord user."""
        return {
            "id": str(self.id),
            "username": self.name,
            "global_name": self.display_name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
            "mfa_enabled": True,
            "locale": "ko",
            "banner": None,
            "accent_color": None,
        }

    def member(self) -> Json:
        """Return the guild member; roles are ids, never objects."""
        return {
            "user": self.user(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": [str(ROLES[role]) for role in self.roles],
            "joined_at": "2024-02-01T00:00:00+00:00",
            "premium_since": None,
            "communication_disabled_until": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }


PEOPLE = {
    "minji": Inhabitant(1200000000000000031, "minji", "김민지", "Minji Kim", ("oncall",), colour="#2f9e6e"),
    "jun": Inhabitant(1200000000000000032, "jun", "박준", "Jun Park", ("viewer",), colour="#c77d1e"),
    "mallory": Inhabitant(1200000000000000033, "mallory", "Mallory", "Mallory", (), colour="#b34a5e"),
}
BOT = Inhabitant(APPLICATION_ID, "bongsu", "Bongsu 봉수", "Bongsu", (), bot=True, colour="#d9482b")
EVERYONE = {person.id: person for person in (*PEOPLE.values(), BOT)}

# View, send, embed, attach, history, mention everyone, threads, commands: what an invitation asks for.
BASE_PERMISSIONS = 0x400 | 0x800 | 0x4000 | 0x8000 | 0x10000 | 0x20000 | 0x40 | (1 << 31) | (1 << 35) | (1 << 38)


def role(role_id: int, name: str, position: int) -> Json:
    """Return a Discord role."""
    return {
        "id": str(role_id),
        "name": name,
        "permissions": str(BASE_PERMISSIONS),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": True,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(channel_id: int, name: str, position: int) -> Json:
    """Return a Discord text channel."""
    return {
        "id": str(channel_id),
        "type": 0,
        "guild_id": str(GUILD_ID),
        "name": name,
        "position": position,
        "permission_overwrites": [],
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
    }


def roles() -> list[Json]:
    """Return all roles of the guild."""
    named = [role(role_id, name, place) for place, (name, role_id) in enumerate(ROLES.items(), 1)]
    return [role(GUILD_ID, "@everyone", 0), *named]


def guild() -> Json:
    """Return the guild as REST shows it."""
    return {
        "id": str(GUILD_ID),
        "name": "Bongsu team" if LANGUAGE.get() == "en" else "봉수 팀",
        "icon": None,
        "description": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "features": [],
        "owner_id": str(PEOPLE["minji"].id),
        "application_id": None,
        "region": "",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "nsfw": False,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "ko",
        "vanity_url_code": None,
        "max_members": 500000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "roles": roles(),
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }
