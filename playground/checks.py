"""What Discord refuses in a message although its published schema would let it pass, and the limits of the rest.

Source: Discord's developer documentation (2026-08).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.errors import invalid

Json = dict[str, Any]

COMPONENTS_V2 = 1 << 15
_ROW, _BUTTON, _STRING_SELECT, _TEXT, _CONTAINER, _SECTION, _GALLERY = 1, 2, 3, 10, 17, 9, 12
_SELECTS = frozenset({3, 5, 6, 7, 8})
_TOP_V2 = frozenset({1, 9, 10, 12, 13, 14, 17})


def check_message(body: Json, flags: int, *, has_files: bool = False) -> None:
    """Refuse a message that Discord would refuse. Raises Refusal."""
    content, embeds, components = body.get("content") or "", body.get("embeds") or [], body.get("components") or []
    if len(content) > 2000:
        raise invalid("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    _check_embeds(embeds)
    if flags & COMPONENTS_V2:
        if content or embeds or body.get("poll"):
            raise invalid("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with components V2.")
        _check_v2(components)
    else:
        _check_legacy(components)
    _check_each(components)
    if not (content.strip() or embeds or components or has_files or body.get("sticker_ids") or body.get("poll")):
        raise invalid("content", "BASE_TYPE_REQUIRED", "Cannot send an empty message")


def check_modal(body: Json) -> None:
    """Refuse a modal that Discord would refuse. Raises Refusal."""
    if not 1 <= len(body.get("title") or "") <= 45:
        raise invalid("data.title", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
    if not 1 <= len(body.get("components") or []) <= 5:
        raise invalid("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    _check_each(body["components"])


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield every component, in document order."""
    for component in components:
        yield component
        inner = [component[key] for key in ("accessory", "component") if component.get(key)]
        yield from walk([*(component.get("components") or []), *inner])


def _check_embeds(embeds: list[Json]) -> None:
    if len(embeds) > 10:
        raise invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    total = 0
    for number, embed in enumerate(embeds):
        fields = embed.get("fields") or []
        if len(fields) > 25:
            raise invalid(f"embeds.{number}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        texts = {
            "title": (embed.get("title") or "", 256),
            "description": (embed.get("description") or "", 4096),
            "footer": ((embed.get("footer") or {}).get("text") or "", 2048),
            "author": ((embed.get("author") or {}).get("name") or "", 256),
        }
        for place, field in enumerate(fields):
            texts[f"fields.{place}.name"] = (field.get("name") or "", 256)
            texts[f"fields.{place}.value"] = (field.get("value") or "", 1024)
        for name, (text, limit) in texts.items():
            if len(text) > limit:
                raise invalid(f"embeds.{number}.{name}", "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")
            total += len(text.strip())
    if total > 6000:
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _check_v2(components: list[Json]) -> None:
    every = list(walk(components))
    if len(every) > 40:
        raise invalid("components", "BASE_TYPE_MAX_LENGTH", "Must have 40 or fewer components.")
    if sum(len(each.get("content") or "") for each in every if each["type"] == _TEXT) > 4000:
        raise invalid("components", "COMPONENT_MAX_TEXT_SIZE_EXCEEDED", "Text must be 4000 or fewer in length.")
    for number, component in enumerate(components):
        if component["type"] not in _TOP_V2:
            raise invalid(f"components.{number}.type", "UNION_TYPE_CHOICES", "Not allowed at the top.")


def _check_legacy(components: list[Json]) -> None:
    if len(components) > 5:
        raise invalid("components", "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length.")
    for number, component in enumerate(components):
        if component["type"] != _ROW:
            raise invalid(f"components.{number}.type", "UNION_TYPE_CHOICES", "Needs the flag IS_COMPONENTS_V2.")


def _check_each(components: list[Json]) -> None:
    for component in walk(components):
        _check_one(component)
    names = [component["custom_id"] for component in walk(components) if component.get("custom_id") is not None]
    if not all(1 <= len(name) <= 100 for name in names):
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "custom_id must be between 1 and 100 in length.")
    if len(set(names)) != len(names):
        raise invalid("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")


def _check_one(component: Json) -> None:
    kind = component["type"]
    if kind == _ROW:
        _check_row(component)
    elif kind == _BUTTON:
        _check_button(component)
    elif kind in _SELECTS:
        _check_select(component)
    elif kind == _TEXT and not component.get("content"):
        raise invalid("components", "BASE_TYPE_REQUIRED", "A text must not be empty.")
    elif kind == _SECTION and not (1 <= len(component.get("components") or []) <= 3 and component.get("accessory")):
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "A section has 1 to 3 texts and an accessory.")
    elif kind == _GALLERY and not 1 <= len(component.get("items") or []) <= 10:
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "A incident_pictures has 1 to 10 items.")
    elif kind == _CONTAINER and not component.get("components"):
        raise invalid("components", "BASE_TYPE_REQUIRED", "A container must not be empty.")


def _check_row(row: Json) -> None:
    children = row.get("components") or []
    selects = sum(child["type"] in _SELECTS for child in children)
    if not children or len(children) > 5 or (selects and len(children) > 1):
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "A row has 1 to 5 buttons or 1 select.")


def _check_button(button: Json) -> None:
    is_link = button.get("style") == 5
    if len(button.get("label") or "") > 80:
        raise invalid("components", "BASE_TYPE_MAX_LENGTH", "A label must be 80 or fewer in length.")
    if is_link and ("custom_id" in button or not button.get("url") or len(button["url"]) > 512):
        raise invalid("components", "BUTTON_COMPONENT_INVALID_URL", "A link button has a url of 512 and no custom_id.")
    if not is_link and (not button.get("custom_id") or button.get("url")):
        raise invalid("components", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A button needs a custom_id and no url.")


def _check_select(select: Json) -> None:
    options = select.get("options") or []
    if select["type"] == _STRING_SELECT and not 1 <= len(options) <= 25:
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "A select has 1 to 25 options.")
    for option in options:
        if not 1 <= len(option.get("label") or "") <= 100 or not 1 <= len(option.get("value") or "") <= 100:
            raise invalid("components", "BASE_TYPE_BAD_LENGTH", "An option must be between 1 and 100 in length.")
        if len(option.get("description") or "") > 100:
            raise invalid("components", "BASE_TYPE_MAX_LENGTH", "A description must be 100 or fewer in length.")
    if len({option["value"] for option in options}) != len(options):
        raise invalid("components", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Option values must be unique.")
    if len(select.get("placeholder") or "") > 150:
        raise invalid("components", "BASE_TYPE_MAX_LENGTH", "A placeholder must be 150 or fewer in length.")
