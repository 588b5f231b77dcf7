"""Variables are set as when Grafana opens the dashboard: what was saved on another machine may not be there."""

from __future__ import annotations

import pytest

from bot.cameras.chart_variables import choose
from bot.domain.dashboards import ALL, DashboardModel, Panel, PanelQuery, Variable
from bot.domain.pictures import Shot
from tests.cameras.test_charts import HOUR
from tests.picture_fakes import FakeModels

PANEL = Panel(1, "P", queries=(PanelQuery('up{node=~"$node"}', datasource="${ds}"),))


async def chosen(*variables: Variable, shot: Shot | None = None, **offered: list[str]):
    model = DashboardModel("b", "B", panels=(PANEL,), variables=variables)
    models = FakeModels(model)
    models.offered = dict(offered)
    return await choose(models, model, model.panels, shot or Shot("b", HOUR))


@pytest.mark.parametrize(
    ("saved", "more", "values"),
    [
        (("b",), {}, ("b",)),
        (("old",), {}, ("a",)),
        ((), {}, ("a",)),
        (("old", "b"), {"multi": True}, ("b",)),
        (("old",), {"include_all": True}, ("a", "b")),
        (("old",), {"include_all": True, "all_value": ".+"}, (ALL,)),
        ((ALL,), {"include_all": True}, ("a", "b")),
    ],
)
async def test_what_was_saved_is_taken_as_long_as_it_is_there(saved, more, values):
    found = await chosen(Variable("node", current=saved, **more), node=["a", "b"])

    assert found == {"node": values}


@pytest.mark.parametrize(
    "variable",
    [
        Variable("node", "custom", current=("old",)),
        Variable("node", current=("old",), options=("a", "old")),
        Variable("node", current=(ALL,), include_all=True, all_value=".+"),
        Variable("other", current=("old",)),
        Variable("node", "textbox"),
    ],
)
async def test_nobody_is_asked_about_what_does_not_change(variable):
    assert await chosen(variable, node=["a", "b"], other=["a"]) == {}


async def test_what_a_person_chose_stands_and_what_nobody_can_tell_is_as_it_was_saved():
    node = Variable("node", current=("old",))

    assert await chosen(node, shot=Shot("b", HOUR, variables={"node": ("new",)}), node=["a"]) == {"node": ("new",)}
    assert await chosen(node) == {}


async def test_what_a_variable_is_asked_with_is_set_too_and_a_data_source_that_is_gone_is_another():
    found = await chosen(
        Variable("ds", "datasource", current=("${DS_PROMETHEUS}",)), Variable("job"),
        Variable("node", query='label_values(up{job="$job"}, node)'), Variable("unused"),
        ds=["prom-1"], job=["api"], node=["a"], unused=["x"],
    )  # fmt: skip

    assert found == {"ds": ("prom-1",), "job": ("api",), "node": ("a",)}
