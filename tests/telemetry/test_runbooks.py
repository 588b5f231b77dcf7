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


@pytest.mark.parametrize("file", ["high-error-rate-5xx", "HighErrorRate5xx", "high_error_rate_5xx"])
async def test_the_name_of_a_file_is_that_of_the_alert_however_it_is_written(tmp_path, file):
    (tmp_path / f"{file}.md").write_text("# Errors", "utf-8")

    assert await FolderRunbooks(tmp_path).read("", "HighErrorRate5xx", None) == "# Errors"
    assert FolderRunbooks(tmp_path).names() == {"higherrorrate5xx": file}


async def test_a_page_comes_in_the_language_asked_for_where_there_is_one(tmp_path):
    (tmp_path / "ko").mkdir()
    (tmp_path / "disk.md").write_text("# Disk", "utf-8")
    (tmp_path / "cpu.md").write_text("# CPU" + "x" * 200_000, "utf-8")
    (tmp_path / "ko/disk.md").write_text("# 디스크", "utf-8")
    runbooks = FolderRunbooks(tmp_path)

    assert await runbooks.page("disk", "ko") == "# 디스크"
    assert await runbooks.page("disk.md", "en") == "# Disk"
    assert len(await runbooks.page("cpu", "ko")) == 100_000
    assert await runbooks.page("../disk/none", "en") == ""


async def test_a_page_that_cannot_be_read_is_told_in_the_log(tmp_path, caplog):
    (tmp_path / "disk.md").mkdir()

    assert await FolderRunbooks(tmp_path).read("", "Disk", None) == ""

    assert "disk.md cannot be read" in caplog.text
