"""A reader refreshes in the app, against the local server: badge, correction, candidate."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from service import Replay, Reply, serving
from shapes import play
from ten import AROUND, TEN, TRIALS
from urllib3 import PoolManager
from urllib3.util import Retry

from ipt_evidence import EvidenceBase
from ipt_evidence.living import candidates, corrections
from ipt_evidence.services.settings import SERVICES

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60_000  # milliseconds; a shared machine may be slow, and waiting costs nothing


@pytest.fixture(scope="module")
def folder(base: EvidenceBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the fixture base in which no reference has been checked yet."""
    copy = Path(shutil.copytree(base.folder, tmp_path_factory.mktemp("app") / "data"))
    unchecked = base.integrity[["reference"]].assign(status="not_checked")
    unchecked.reindex(columns=base.integrity.columns).to_csv(
        copy / "integrity.csv", index=False, na_rep="NA"
    )
    return copy


@pytest.fixture(scope="module")
def services() -> Iterator[Replay]:
    with serving() as replay:
        play(replay, [*TEN, *AROUND, *TRIALS])
        yield replay


@pytest.fixture(scope="module")
def app(folder: Path, services: Replay) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        **{one.variable: f"{services.url}/{name}" for name, one in SERVICES.items()},
        **{one.key_variable: "fast" for one in SERVICES.values()},  # keys are asked faster
        "IPT_EVIDENCE_DATA": str(folder),
        "IPT_EVIDENCE_CACHE": str(folder.parent / "cache"),
    }
    command = [
        sys.executable, "-m", "ipt_evidence", "run", "--port", str(port), "--headless",
    ]  # fmt: skip  # as `make run` does
    log = folder.parent / "log.txt"
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            patient = Retry(total=None, connect=300, read=0, backoff_factor=0.1, backoff_max=0.3)
            with PoolManager(retries=patient) as pool:
                pool.request("GET", f"http://127.0.0.1:{port}/_stcore/health", timeout=60)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def context(browser: Browser, app: str) -> Iterator[BrowserContext]:
    """It keeps the scripts that it has fetched and compiled, from one test's tab to the next."""
    expect.set_options(timeout=PATIENCE)
    size = {"width": 1440, "height": 2400}
    with browser.new_context(base_url=app, viewport=size) as kept:
        kept.set_default_timeout(PATIENCE)
        yield kept


@pytest.fixture
def reader(context: BrowserContext) -> Iterator[Page]:
    with context.new_page() as tab:
        yield tab


def menu(reader: Page, name: str) -> None:
    reader.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()


def test_a_reader_refreshes_and_sees_badge_correction_and_candidate(
    reader: Page, folder: Path, services: Replay
) -> None:
    # before: nobody was asked, and the page says so
    reader.goto("/candidates")
    expect(reader.get_by_text("Everything here works offline.")).to_be_visible()
    expect(reader.get_by_text(re.compile("^None of the .* has been checked"))).to_be_visible()
    expect(reader.get_by_text("No candidates are waiting")).to_be_visible()
    assert services.asked == []

    # the reader asks, and is told how it went
    reader.get_by_role("button", name="Check and complete the references").click()
    expect(reader.get_by_text(re.compile(r"Crossref: \d+ asked, \d+ answered"))).to_be_visible()
    expect(reader.get_by_text(re.compile("1 corrected since"))).to_be_visible()
    reader.get_by_role("button", name="Search for new trials").click()
    expect(reader.get_by_text(re.compile(r"\d+ new candidates"))).to_be_visible()

    # a candidate, and a decision about it
    title = re.compile("Group interpersonal psychotherapy for postpartum depression")
    reader.get_by_role("button", name=title).click()
    panel = reader.locator(".st-key-decide")
    expect(panel.get_by_role("heading", name=title)).to_be_visible()
    panel.get_by_text("include", exact=True).click()
    panel.get_by_label("Reason").fill("A randomised trial of IPT")
    panel.get_by_role("button", name="Keep this decision").click()
    expect(reader.get_by_role("cell", name="A randomised trial of IPT")).to_be_visible()
    kept = next(c for c in candidates.load(folder) if c.doi == "10.5555/new-trial")
    assert (kept.decision, kept.reason) == ("include", "A randomised trial of IPT")

    # a correction and a badge beside the article's references
    menu(reader, "Claims")
    expect(reader.get_by_text("The article gives pages 1-7; Crossref has 323.")).not_to_have_count(
        0
    )
    expect(reader.get_by_text(re.compile(r"Corrected since \("))).not_to_have_count(0)
    expect(reader.get_by_text(re.compile(r"Checked: no notice found \("))).not_to_have_count(0)
    menu(reader, "Methods & data")
    expect(reader.get_by_role("heading", name="How current this is")).to_be_visible()
    row = reader.get_by_role("rowheader", name="bian2023").first
    expect(row).to_be_visible()

    # the reader accepts what the service says; the files of the base stay as they are
    before = (folder / "references.bib").read_bytes()
    row.get_by_role("button").click()
    panel = reader.locator(".st-key-decide-correction")
    expect(panel).to_contain_text("bian2023")
    panel.get_by_role("button", name="Accept").click()
    expect(reader.get_by_role("cell", name="accepted").first).to_be_visible()
    accepted = [one for one in corrections.load(folder) if one.decision == "accepted"]
    assert [one.key for one in accepted] == ["bian2023"]
    assert (folder / "references.bib").read_bytes() == before


def test_a_reader_can_stop_a_refresh(reader: Page, services: Replay) -> None:
    from threading import Event

    asked, free = Event(), Event()

    def hanging(_: object) -> Reply:
        asked.set()
        free.wait(60)
        return Reply(b"", 404, "text/plain")

    services.on("/openalex/works", hanging)
    reader.goto("/candidates")
    reader.get_by_role("button", name="Search for new trials").click()
    assert asked.wait(60)
    reader.get_by_role("button", name="Stop", exact=True).click()
    expect(reader.get_by_text("Stopping when the last question is answered")).to_be_visible()
    free.set()
    expect(reader.get_by_role("button", name="Search for new trials")).to_be_visible()
    expect(reader.get_by_text(re.compile("stopped; the next update goes on"))).to_be_visible()
