"""Names what the core needs from outside, one small Protocol each; adapters implement them, fakes stand in for them.

Every method that leaves the process has a deadline of its own and raises only the errors of `bot.errors`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.ports.asking import Answerer, Speaker
from bot.ports.discord import Announcer, Warner
from bot.ports.inquiries import Analyst, Changes, Exchanges, InvestigationQueue, Investigations, Runbooks
from bot.ports.jobs import Jobs
from bot.ports.keepsakes import Keepsakes
from bot.ports.memories import Memories
from bot.ports.models import Answer, Ledger, Model, Payer, Question, Tool, ToolCall, Turn
from bot.ports.outbox import MESSAGES, Outbox, Task, TaskKind
from bot.ports.pictures import Camera
from bot.ports.records import (
    NOTHING_BESIDE,
    Arrival,
    AuditLog,
    AuditRow,
    Beside,
    Decision,
    Delivery,
    Inbox,
    Incidents,
    Posted,
    Rearrangement,
    Taken,
    Telling,
)
from bot.ports.silences import SilenceBook
from bot.ports.sources import AlertSource, Dashboards, Logs, Metrics, Sample, Traces
from bot.ports.telemetry import Telemetry

__all__ = [
    "MESSAGES",
    "NOTHING_BESIDE",
    "AlertSource",
    "Analyst",
    "Announcer",
    "Answer",
    "Answerer",
    "Arrival",
    "AuditLog",
    "AuditRow",
    "Beside",
    "Camera",
    "Changes",
    "Clock",
    "Dashboards",
    "Decision",
    "Delivery",
    "Exchanges",
    "Inbox",
    "Incidents",
    "InvestigationQueue",
    "Investigations",
    "Jobs",
    "Keepsakes",
    "Ledger",
    "Logs",
    "Memories",
    "Metrics",
    "Model",
    "Outbox",
    "Payer",
    "Posted",
    "Question",
    "Rearrangement",
    "Runbooks",
    "Sample",
    "SilenceBook",
    "Speaker",
    "Taken",
    "Task",
    "TaskKind",
    "Telemetry",
    "Telling",
    "Tool",
    "ToolCall",
    "Traces",
    "Turn",
    "Warner",
]

Clock = Callable[[], datetime]
