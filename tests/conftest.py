"""What every test shares: no network beyond this machine, one seed, the frozen fixture base."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, BrowserType, sync_playwright

from ipt_evidence import EvidenceBase

ROOT = Path(__file__).resolve().parents[1]
LIVE = ROOT / "data"
FIXTURE_BASE = ROOT / "tests" / "fixtures" / "base"
# Words and numbers in tests are those of the fixture base, also in the programs that tests start:
# `data/` grows without breaking them. A test about `data/` itself asks for `live_base`.
os.environ["IPT_EVIDENCE_DATA"] = str(FIXTURE_BASE)
# As a service in a container runs it; without the second line Chromium looks up foreign hosts.
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # Nothing but the processor paints here: a spinner moves only when the page has time.
    "--disable-threaded-animation",
    # Else each script is read a second time, for line numbers that nobody asks for. With room for
    # 16 MB of young objects the collector comes less often: a page costs a twentieth less.
    "--js-flags=--no-enable-lazy-source-positions,--min-semi-space-size=16",
]  # fmt: skip
# The one reason for which a test may be skipped in CI too. What such a test shows on files of
# others is shown on our own fixtures by tests that always run.
THIRD_PARTY = "not beside the project"
LOOPBACK = ("127.0.0.1", "::1", "localhost")

# Fixed examples on every run; slow machines must not turn a slow example into a failure.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_itemcollected(item: pytest.Item) -> None:
    if "live_base" in getattr(item, "fixturenames", ()):
        item.add_marker("live")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with most tests in Chromium and R begin, or one core waits for them at the end.

    Tests of one file stay in their order and together.
    """
    heavy = Counter(
        item.path
        for item in items
        if item.get_closest_marker("browser") or "rscript" in getattr(item, "fixturenames", ())
    )
    items.sort(key=lambda item: -heavy[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where everything must be tested, a skip for any reason but `THIRD_PARTY` is a failure."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2]
        if not reason.endswith(THIRD_PARTY):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, which CI does not allow: {reason}"
    return report


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:  # type: ignore[index]
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def same_limit_of_cells() -> Iterator[None]:
    """What a reader of tables sets for the whole process does not reach the next test."""
    limit = csv.field_size_limit()
    yield
    csv.field_size_limit(limit)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240501)


@pytest.fixture(scope="session")
def base() -> EvidenceBase:
    """The fixture base, which never changes with `data/`."""
    return EvidenceBase.load(FIXTURE_BASE)


@pytest.fixture(scope="session")
def live_base() -> EvidenceBase:
    """`data/` as it is today, for tests of what holds for any data."""
    return EvidenceBase.load(LIVE)


@pytest.fixture
def data_copy(tmp_path: Path) -> Path:
    """A copy of the fixture base that a test may break."""
    return Path(shutil.copytree(FIXTURE_BASE, tmp_path / "data"))


class Chromium:
    """Starts Debian's Chromium, with or without a profile of its own."""

    def __init__(self, kind: BrowserType, path: str) -> None:
        self._kind = kind
        self._how: dict[str, Any] = {"executable_path": path, "args": CHROMIUM_FLAGS}

    def launch(self) -> Browser:
        return self._kind.launch(**self._how)

    def with_profile(self, folder: Path, **settings: Any) -> BrowserContext:
        return self._kind.launch_persistent_context(folder, **settings, **self._how)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        yield Chromium(playwright.chromium, path)


@pytest.fixture(scope="session")
def browser(chromium: Chromium) -> Iterator[Browser]:
    with chromium.launch() as started:
        yield started


@pytest.fixture(scope="session")
def rscript() -> str:
    """R as a stranger has it, with the packages that the programs we write ask for."""
    path = shutil.which("Rscript")
    asked = "suppressMessages({library(metafor); library(clubSandwich)})"
    if path is None or subprocess.run([path, "-e", asked], capture_output=True).returncode:
        missing("R with metafor and clubSandwich is not installed")
    return path


def missing(what: str) -> NoReturn:
    """Skip on a machine without it, but fail where everything must be tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
