"""A request's body into a message: files stored, components numbered, mentions worked out, rules checked."""

from __future__ import annotations

import json
import mimetypes
import re
from typing import Any

from aiohttp import BodyPartReader, web

from playground import world
from playground.checks import check_message, walk
from playground.errors import Refusal, invalid
from playground.state import EPHEMERAL, PlaygroundState

Json = dict[str, Any]
Files = dict[int, tuple[str, bytes]]

# What a request asks for, kept for the record of requests.
PAYLOAD: web.RequestKey[Any] = web.RequestKey("payload", object)
_USER, _ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")


async def read_body(request: web.Request) -> tuple[Json, Files]:
    """Read JSON, or the JSON part of a multipart form with its files. Raises Refusal."""
    if not request.content_type.startswith("multipart/"):
        raw = await request.read()
        return (json.loads(raw) if raw else {}), {}
    payload: Json = {}
    files: Files = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "payload_json":
            payload = request[PAYLOAD] = json.loads(await part.text())
        elif part.name and (found := re.fullmatch(r"files\[(\d+)\]", part.name)):
            content = bytes(await part.read(decode=False))
            if len(content) > 10 * 1024 * 1024:
                raise Refusal(413, 40005, "Request entity too large")
            if not content:
                raise invalid("files", "BASE_TYPE_REQUIRED", "An attachment must not be empty.")
            files[int(found[1])] = (part.filename or "file", content)
    return payload, files


def id_in(request: web.Request, name: str) -> int:
    """Return a snowflake of the path. Raises Refusal."""
    try:
        return int(request.match_info[name])
    except ValueError as error:
        raise invalid(name, "NUMBER_TYPE_COERCE", "Not a snowflake.") from error


def new_message(state: PlaygroundState, channel_id: int, author: Json, kind: int = 0) -> Json:
    """Return an empty message; one to a single person belongs to no guild."""
    place = {} if channel_id in state.private else {"guild_id": str(world.GUILD_ID)}
    return {
        "id": str(state.snowflake()),
        "type": kind,
        "channel_id": str(channel_id),
        **place,
        "author": author,
        "content": "",
        "timestamp": state.now(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "reactions": [],
        "pinned": False,
        "flags": 0,
        "_pinged": [],
    }


def fill(state: PlaygroundState, message: Json, body: Json, files: Files, *, fresh: bool) -> None:
    """Put a body into a message, as on POST (`fresh`) or PATCH. Raises Refusal and then changes nothing."""
    flags = message["flags"] | int(body.get("flags") or 0)
    merged: Json = {key: body[key] if key in body else message[key] for key in ("content", "embeds", "components")}
    merged = {key: value if value is not None else ("" if key == "content" else []) for key, value in merged.items()}
    attachments = _attachments(state, message, body, files)
    check_message({**merged, "poll": body.get("poll")}, flags, has_files=bool(attachments))
    message.update(merged, flags=flags, attachments=attachments)
    urls = {f"attachment://{each['filename']}": each["url"] for each in attachments}
    for component in walk(message["components"]):
        _rewrite(component, urls)
    for embed in message["embeds"]:
        embed.setdefault("type", "rich")
        _rewrite(embed, urls)
    for number, component in enumerate(walk(message["components"]), 1):
        component.setdefault("id", number)
    _mentions(message, body.get("allowed_mentions"), pings=fresh and not flags & EPHEMERAL)
    if not fresh:
        message["edited_timestamp"] = state.now()


def _attachments(state: PlaygroundState, message: Json, body: Json, files: Files) -> list[Json]:
    listed = body.get("attachments")
    kept = {each["id"]: each for each in message["attachments"]}
    described: dict[int, Json] = {}
    if listed is not None:
        kept = {str(each["id"]): kept[str(each["id"])] for each in listed if str(each["id"]) in kept}
        described = {int(each["id"]): each for each in listed if int(each["id"]) in files}
    result = list(kept.values())
    for number, (filename, content) in files.items():
        attachment_id = state.snowflake()
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        path = f"/attachments/{message['channel_id']}/{attachment_id}/{filename}"
        state.files[path] = (kind, content)
        result.append(
            {
                "id": str(attachment_id),
                "filename": described.get(number, {}).get("filename") or filename,
                "description": described.get(number, {}).get("description"),
                "size": len(content),
                "url": f"{state.url}{path}?ex=0&is=0&hm=0",
                "proxy_url": f"{state.url}{path}",
                "content_type": kind,
            }
        )
    return result


def _rewrite(value: Any, urls: dict[str, str]) -> None:
    """Replace `attachment://name` by the address of the file, wherever an address stands."""
    if isinstance(value, list):
        for item in value:
            _rewrite(item, urls)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "url" and item in urls:
                value[key] = urls[item]
            else:
                _rewrite(item, urls)


def _mentions(message: Json, allowed: Json | None, *, pings: bool) -> None:
    """Work out who is mentioned, and who is called: only what `allowed_mentions` allows, only in a new message."""
    text = "\n".join([message["content"], *(each.get("content") or "" for each in walk(message["components"]))])
    parse = None if allowed is None else set(allowed.get("parse") or [])
    users = {int(found) for found in _USER.findall(text)}
    roles = {int(found) for found in _ROLE.findall(text)}
    everyone = bool(re.search(r"@(everyone|here)\b", text))
    if parse is not None and allowed is not None:
        users &= users if "users" in parse else {int(each) for each in allowed.get("users") or []}
        roles &= roles if "roles" in parse else {int(each) for each in allowed.get("roles") or []}
        everyone = everyone and "everyone" in parse
    message["mentions"] = [world.EVERYONE[each].user() for each in sorted(users) if each in world.EVERYONE]
    message["mention_roles"] = [str(each) for each in sorted(roles) if each in world.ROLES.values()]
    message["mention_everyone"] = everyone
    if pings:
        called = [person.name for person in world.PEOPLE.values() if person.id in users or everyone]
        called += [
            person.name
            for person in world.PEOPLE.values()
            if any(world.ROLES[role] in roles for role in person.roles) and person.name not in called
        ]
        message["_pinged"] = called + (["@here"] if everyone else [])
