"""Describes everything that can go wrong, as one tree.

BongsuError
├── ConfigurationError      the program cannot start, or go on, as it is configured
│   └── UsageError          what was typed on its command line cannot be read; nothing was begun
├── InvalidNotification     a webhook body is not what its sender documents
├── Refused                 a person asked for something that cannot be done now
│   ├── NotAllowed          the person lacks the role
│   ├── UnknownIncident     nothing has that number or name
│   ├── InvalidDuration     a length of time nobody can read, or outside the bounds
│   ├── InvalidTarget       no such rule, instance, service or dashboard
│   ├── OutOfDate           the thing pressed has been used, has ended, or was never there
│   └── TooSoon             the same was asked a moment ago
├── SourceError             another server did not do what we asked
│   ├── SourceUnavailable   no connection, or an answer that is no answer
│   │   ├── SourceSlow      no answer in time
│   │   └── SourceFailed    reached, but it answers with an error of its own
│   └── QueryRejected       it answered that our question is wrong, in its own words
├── NoPicture               a dashboard cannot be pictured; the key says why
├── ModelUnavailable        no language model answers us; the key says why it is silent
└── DeliveryError           Discord did not take a message
    ├── DeliveryDelayed     for now: try again after `retry_after_s`
    ├── DeliveryRefused     for good: trying again would not help
    └── MessageGone         the message we wanted to edit does not exist any more

An error carries a text key and values; the language is chosen where it is shown.
"""

from __future__ import annotations


class BongsuError(Exception):
    """Something that a person can be told about, as `key` and `values` of a text."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(f"{key} {values}" if values else key)
        self.key = key
        self.values = values


class ConfigurationError(BongsuError):
    """The program cannot start, or go on, as it is configured."""


class UsageError(ConfigurationError):
    """What was typed on its command line cannot be read; nothing was begun."""


class InvalidNotification(BongsuError):
    """A webhook body is not what its sender documents; `field` names the part that is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__("errors.invalid_notification", field=field, problem=problem)
        self.field = field
        self.problem = problem


class Refused(BongsuError):
    """A person asked for something that cannot be done now."""


class NotAllowed(Refused):
    """The person lacks the role."""


class UnknownIncident(Refused):
    """Nothing has that number or name."""


class InvalidDuration(Refused):
    """A length of time nobody can read, or outside the bounds."""


class InvalidTarget(Refused):
    """No such rule, instance, service or dashboard."""


class OutOfDate(Refused):
    """The thing pressed has been used, has ended, or was never there."""


class TooSoon(Refused):
    """The same was asked a moment ago."""


class SourceError(BongsuError):
    """Another server did not do what we asked."""

    def __init__(self, key: str, *, source: str, detail: str = "") -> None:
        super().__init__(key, source=source, detail=detail)
        self.source = source
        self.detail = detail


class SourceUnavailable(SourceError):
    """No connection, or an answer that is no answer."""

    def __init__(self, source: str, detail: str = "") -> None:
        super().__init__("errors.source_unavailable", source=source, detail=detail)


class SourceSlow(SourceUnavailable):
    """It does not answer in time: it may be busy, where one that is not reached is away."""


class SourceFailed(SourceUnavailable):
    """It was reached, and answers with an error: credentials that it does not take, or one of its own."""

    def __init__(self, source: str, detail: str = "") -> None:
        super().__init__(source, detail)
        self.key = "errors.source_failed"


class QueryRejected(SourceError):
    """It answered that our question is wrong, in its own words."""

    def __init__(self, source: str, detail: str = "") -> None:
        super().__init__("errors.query_rejected", source=source, detail=detail)


class ModelUnavailable(BongsuError):
    """No language model answers us: `silent.<reason>` is a text that says why."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"silent.{reason}", detail=detail)
        self.reason = reason
        self.detail = detail


class NoPicture(BongsuError):
    """There is no picture that can be trusted: `picture.<reason>` is a text that says why."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"picture.{reason}", detail=detail)
        self.reason = reason
        self.detail = detail


class DeliveryError(BongsuError):
    """Discord did not take a message."""


class DeliveryDelayed(DeliveryError):
    """Discord did not take it for now: try again after `retry_after_s`."""

    def __init__(self, detail: str, retry_after_s: float = 1.0) -> None:
        super().__init__("errors.delivery_delayed", detail=detail)
        self.retry_after_s = retry_after_s


class DeliveryUnanswered(DeliveryDelayed):
    """Nobody knows whether Discord took it, or still will."""


class DeliveryRefused(DeliveryError):
    """Discord will never take it: trying again would not help."""

    def __init__(self, detail: str) -> None:
        super().__init__("errors.delivery_refused", detail=detail)


class ChannelClosed(DeliveryRefused):
    """The channel takes nothing from us, but another one may."""


class MessageGone(DeliveryError):
    """The message we wanted to edit does not exist any more."""

    def __init__(self) -> None:
        super().__init__("errors.message_gone")
