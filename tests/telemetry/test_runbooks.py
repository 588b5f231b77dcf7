"""Runbooks below a folder, and nothing above it."""

import pytest

from bot.telemetry.runbooks import FolderRunbooks


@pytest.mark.parametrize(
    ("url", "title", "service"),
    [
        ("https://wiki.example.com/runbooks/high-error-rate", "X", None),
        ("", "HighErrorRate", None),
        ("http://[", "X", "high-error-rate"),
    ],
)
async def test_it_is_found_by_address_alert_or_service(tmp_path, url, title, service):
    (tmp_path / "high-error-rate.md").write_text("Look at the logs." + "x" * 9000, "utf-8")

    text = await FolderRunbooks(tmp_path).read(url, title, service)

    assert text.startswith("Look at the logs.")
    assert len(text) == 8000


@pytest.mark.parametrize("url", ["https://w/..%2f..%2fetc/passwd", "../secret", "https://w/../secret.md"])
async def test_no_address_leads_out_of_the_folder(tmp_path, url):
    (tmp_path / "secret.md").write_text("no", "utf-8")
    folder = tmp_path / "runbooks"
    folder.mkdir()

    assert await FolderRunbooks(folder).read(url, "../secret", "../secret") == ""


async def test_without_a_folder_there_is_none():
    assert await FolderRunbooks(None).read("https://w/x", "x", None) == ""
