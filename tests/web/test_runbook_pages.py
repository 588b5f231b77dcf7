"""Runbooks as pages that people read: in their language, of one folder, without anything that runs or is fetched."""

from __future__ import annotations

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.telemetry.runbooks import FolderRunbooks
from bot.web.runbook_pages import ROUTES, runbook_pages
from tests.deploy.alerting_files import ROOT

HOSTILE = """# Disk {{ page }} <script>alert(1)</script>

<img src=x onerror=alert(1)> ![x](https://elsewhere.example/x.png) [a](javascript:alert(1)) {{ page }}

| a | b |
|---|---|
| [rules](../alerting.md) | [next](cpu.md) |
"""


@pytest.fixture
async def browser():
    """Return what opens a page of a folder."""
    opened = []

    async def open_page(folder, path, **headers):
        app = web.Application()
        for route in ROUTES:
            app.router.add_get(route, runbook_pages(FolderRunbooks(folder)))
        client = TestClient(TestServer(app))
        opened.append(client)
        await client.start_server()
        response = await client.get(f"/runbooks/{path}", headers=headers)
        return response, await response.text()

    yield open_page
    for client in opened:
        await client.close()


@pytest.mark.parametrize(
    ("path", "accepted", "language", "heading"),
    [
        ("service-down", "", "en", "First checks"),
        ("service-down.md", "ko-KR,ko;q=0.9,en;q=0.8", "ko", "먼저 확인할 것"),
        ("ko/service-down", "en-US", "ko", "먼저 확인할 것"),
        ("service-down", "fr,ja", "en", "First checks"),
    ],
)
async def test_the_repository_s_pages_are_read_in_the_language_of_the_browser(
    browser, path, accepted, language, heading
):
    response, page = await browser(ROOT / "docs/runbooks", path, **{"Accept-Language": accepted})

    assert response.status == 200
    assert f'<html lang="{language}">' in page
    assert "<title>ServiceDown</title>" in page
    assert f"<h2>{heading}</h2>" in page
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


async def test_every_link_of_every_page_leads_to_another_page(browser):
    for path in sorted((ROOT / "docs/runbooks").rglob("*.md")):
        name = path.relative_to(ROOT / "docs/runbooks")
        _, page = await browser(ROOT / "docs/runbooks", name)

        links = [link for link in re.findall(r'href="([^"#]+)', page) if "://" not in link]
        assert [link for link in links if not (path.parent / link).is_file() or link.startswith("..")] == [], name


async def test_what_is_written_is_shown_and_does_nothing(browser, tmp_path):
    (tmp_path / "disk.md").write_text(HOSTILE, "utf-8")

    _, page = await browser(tmp_path, "disk")

    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert re.findall(r'href="([^"]+)"', page) == ["https://elsewhere.example/x.png", "cpu.md"]
    assert "<span>rules</span>" in page
    assert "<title>Disk {{ page }} &lt;script&gt;" in page
    assert "<h1>Disk {{ page }} &lt;script&gt;" in page


@pytest.mark.parametrize("path", ["none", "..%2Fpyproject", "%2e%2e%2fsecret", "ko/none", "%00"])
async def test_what_is_not_there_is_not_found(browser, tmp_path, path):
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "secret.md").write_text("no", "utf-8")

    response, _ = await browser(tmp_path / "runbooks", path)

    assert response.status == 404
