"""``run``: start the explorer."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ipt_evidence.cli.output import data_option
from ipt_evidence.errors import EvidenceError
from ipt_evidence.paths import DATA_VARIABLE

__all__ = ["run_command"]

_APP = Path(__file__).resolve().parents[2] / "app.py"


@click.command("run")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--headless", is_flag=True, help="Open no browser window.")
@data_option
def run_command(port: int, headless: bool, data: Path | None) -> None:
    """Start the explorer and open it in the browser."""
    if not _APP.exists():
        raise EvidenceError(f"{_APP} is missing: start the explorer from a full checkout")
    if data is not None:
        os.environ[DATA_VARIABLE] = str(data.resolve())
    arguments = [sys.executable, "-m", "ipt_evidence.dashboard", "--server.port", str(port)]
    arguments += ["--browser.serverAddress", "localhost"]  # else Streamlit asks a foreign host
    if headless or not sys.stdin.isatty():
        arguments += ["--server.headless", "true"]
    os.chdir(_APP.parent)  # Streamlit reads .streamlit/config.toml beside the app
    os.execv(sys.executable, arguments)  # noqa: S606  our own interpreter, no shell
