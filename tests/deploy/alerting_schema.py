"""Grafana's alerting files, field by field, as Grafana 11.5 to 13 read them; an unknown field is an error here.

Grafana itself would overlook a misspelt field, or stop at start.
"""

# ruff: noqa: N815 - the names are Grafana's

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Uid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Duration = Annotated[str, StringConstraints(pattern=r"^\d+(s|m|h|d)$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Text = Annotated[str, StringConstraints(min_length=1)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Source(Strict):
    type: Text
    uid: Uid


class PrometheusModel(Strict):
    refId: Literal["A"]
    datasource: Source
    expr: Text
    instant: Literal[True]
    range: Literal[False]
    intervalMs: int
    maxDataPoints: int


class Evaluator(Strict):
    # Those that every version from 11.5 on knows.
    type: Literal["gt", "lt"]
    params: list[int | float]

    @model_validator(mode="after")
    def has_the_right_number_of_limits(self) -> Evaluator:
        assert len(self.params) == 1
        return self


class ThresholdCondition(Strict):
    evaluator: Evaluator


class ThresholdModel(Strict):
    refId: Literal["C"]
    datasource: Source
    type: Literal["threshold"]
    expression: Literal["A"]
    conditions: Annotated[list[ThresholdCondition], Field(min_length=1, max_length=1)]


class Query(Strict):
    refId: Literal["A", "C"]
    relativeTimeRange: dict[Literal["from", "to"], int]
    datasourceUid: Uid
    model: PrometheusModel | ThresholdModel


class Rule(Strict):
    uid: Uid
    title: Text
    condition: Literal["C"]
    # Go's ParseDuration of Prometheus takes "0s" too.
    for_: Annotated[Duration, Field(alias="for")]
    noDataState: Literal["NoData", "Alerting", "OK", "KeepLast"]
    execErrState: Literal["Error", "Alerting", "OK", "KeepLast"]
    dashboardUid: Uid
    panelId: int
    labels: dict[str, str]
    annotations: dict[str, str]
    isPaused: bool
    data: Annotated[list[Query], Field(min_length=2, max_length=2)]


class Group(Strict):
    orgId: Literal[1]
    name: Text
    folder: Text
    interval: Duration
    rules: list[Rule]


class RulesFile(Strict):
    apiVersion: Literal[1]
    groups: list[Group]


class WebhookSettings(Strict):
    url: Text
    httpMethod: Literal["POST", "PUT"]
    authorization_scheme: Text
    authorization_credentials: Text


class DiscordSettings(Strict):
    url: Text
    title: Text
    message: Text
    use_discord_username: bool


class WebhookReceiver(Strict):
    uid: Uid
    type: Literal["webhook"]
    disableResolveMessage: bool
    settings: WebhookSettings


class DiscordReceiver(Strict):
    uid: Uid
    type: Literal["discord"]
    disableResolveMessage: bool
    settings: DiscordSettings


class ContactPoint(Strict):
    orgId: Literal[1]
    name: Text
    receivers: Annotated[
        list[Annotated[WebhookReceiver | DiscordReceiver, Field(discriminator="type")]], Field(min_length=1)
    ]


class ContactPointsFile(Strict):
    apiVersion: Literal[1]
    contactPoints: list[ContactPoint]


class Template(Strict):
    orgId: Literal[1]
    name: Text
    template: Text


class TemplatesFile(Strict):
    apiVersion: Literal[1]
    templates: list[Template]


class Times(Strict):
    start_time: Clock
    end_time: Clock


class TimeInterval(Strict):
    times: list[Times]


class MuteTime(Strict):
    orgId: Literal[1]
    name: Text
    time_intervals: list[TimeInterval]


class Route(Strict):
    receiver: Text
    object_matchers: list[tuple[Text, Literal["=", "!=", "=~", "!~"], str]] = []
    group_by: list[Text] | None = None
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    mute_time_intervals: list[Text] = []
    routes: list[Route] = []

    @model_validator(mode="before")
    @classmethod
    def matchers_are_triples(cls, given: dict[str, Any]) -> dict[str, Any]:
        # YAML has no tuples, and strict pydantic takes no list for one.
        matchers = [tuple(each) for each in given.get("object_matchers", [])]
        return given | ({"object_matchers": matchers} if matchers else {})

    @model_validator(mode="after")
    def regular_expressions_are_well_formed(self) -> Route:
        for _, kind, value in self.object_matchers:
            if kind.endswith("~"):
                re.compile(value)
        return self


class Policy(Route):
    orgId: Literal[1]


class PoliciesFile(Strict):
    apiVersion: Literal[1]
    muteTimes: list[MuteTime] = []
    policies: Annotated[list[Policy], Field(min_length=1, max_length=1)]


FILES: dict[str, type[Strict]] = {
    "alert-rules.yml": RulesFile,
    "contact-points.yml": ContactPointsFile,
    "templates.yml": TemplatesFile,
    "notification-policies.yml": PoliciesFile,
}
