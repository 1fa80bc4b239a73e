"""How the tests open a page of the app, and what they measure on it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

# One question to the browser instead of three: it answers in the frame in which all is true.
SETTLED = """() => document.querySelectorAll('h1').length === 1 &&
  document.querySelector('h1').checkVisibility() &&
  document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning' &&
  !document.querySelector('[data-testid="stSkeleton"]')"""

# What the browser's back button does: the app runs for another address, nothing is fetched anew.
TURN = """(address) => {
  const app = document.querySelector('[data-testid="stApp"]');
  let node = app[Object.keys(app).find((name) => name.startsWith('__reactFiber'))];
  while (!node.stateNode?.state?.scriptRunId) node = node.return;
  window.testApp = { before: node.stateNode.state.scriptRunId, react: node.stateNode };
  history.pushState({}, '', address);
  window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));
}"""
# A short run may begin and end between two frames: only Streamlit's own number of it tells.
TURNED = """() => window.testApp.react.state.scriptRunId !== window.testApp.before &&
  window.testApp.react.state.scriptRunState === 'notRunning'"""

HEADINGS = {
    "/": "What does the evidence for Interpersonal Psychotherapy show?",
    "/condition": (
        "Depression: does IPT help more than a control (waiting, usual care, placebo or attention)?"
    ),
    "/studies": "Studies",
    "/coverage": "What was studied, and what nobody has answered",
    "/robustness": "Depression: does the answer on IPT against control hold up?",
    "/claims": "Do the citations support the claims?",
    "/candidates": "New evidence",
    "/learn": "Learn to read the evidence",
    "/import": "Import your references",
    "/your-data": "Your data",
    "/methods": "Methods & data",
}
"""What each page is called, by its address."""

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60_000  # milliseconds; a shared machine may be slow, and waiting costs nothing


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)


def turn_to(page: Page, address: str) -> None:
    """Show an address in a tab where the app is open, at half of the cost of opening it anew.

    For tests that only look: what a reader has chosen in this tab before may still be there.
    """
    if page.url == "about:blank":
        page.goto(address)
    else:
        settled(page)
        page.evaluate(TURN, address)
        page.wait_for_function(TURNED)
    settled(page)


def settled(page: Page) -> None:
    """Streamlit has finished its run and nothing is half drawn."""
    page.wait_for_function(SETTLED)


def sideways(page: Page) -> int:
    """How many pixels of the page are to the right of the screen."""
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(width))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the app as `make run` does, with its log in ``folder``; give its address."""
    port = free_port()
    command = [
        sys.executable, "-m", "ipt_evidence", "run", "--port", str(port), "--headless",
    ]  # fmt: skip  # as `make run` does
    log = folder / "log.txt"
    with (
        log.open("w") as output,
        subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            _wait_until_healthy(port, log)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


def _wait_until_healthy(port: int, log: Path) -> None:
    try:
        status = wait_until_answered(f"http://127.0.0.1:{port}/_stcore/health")
    except HTTPError:
        pytest.fail(f"The app did not start:\n{log.read_text()}")
    assert status == 200


def wait_until_answered(address: str) -> int:
    """The status of the first answer of a server that is starting."""
    patient = Retry(total=None, connect=200, read=0, backoff_factor=0.1, backoff_max=0.3)
    with PoolManager(retries=patient) as pool:
        return int(pool.request("GET", address, timeout=30).status)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
