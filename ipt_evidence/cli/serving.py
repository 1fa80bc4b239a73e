"""``run``: start the explorer."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path

import click

from ipt_evidence import paths
from ipt_evidence.cli.doctor import cannot_listen
from ipt_evidence.cli.output import data_option
from ipt_evidence.corpora.searching import index_of
from ipt_evidence.errors import EvidenceError
from ipt_evidence.limits import LIMITS, limit
from ipt_evidence.living.refreshing import REFRESH_VARIABLE

__all__ = ["run_command"]

# What suits the app; the same options, given after the command, take precedence.
SETTINGS = (
    "--log-level", "warning",
    "--no-access-log",
    "--ws", "websockets-sansio",
    "--ws-per-message-deflate", "false",  # on one machine compressing costs more than it saves
)  # fmt: skip

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@click.command("run", context_settings={"ignore_unknown_options": True})
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option(
    "--address", default="127.0.0.1", show_default=True,
    help="Listen here; 0.0.0.0 lets other machines in.",
)  # fmt: skip
@click.option("--headless", is_flag=True, help="Open no browser window.")
@click.option(
    "--corpus", type=click.Path(path_type=Path),
    help="Folder of a `scan`: Studies and New evidence search its records, too.",
)  # fmt: skip
@data_option
@click.argument("uvicorn", nargs=-1, type=click.UNPROCESSED, metavar="[UVICORN OPTIONS]...")
def run_command(
    port: int,
    address: str,
    headless: bool,
    corpus: Path | None,
    data: Path | None,
    uvicorn: tuple[str, ...],
) -> None:
    """Start the explorer and open it in the browser.

    The server is uvicorn, and further options are passed on to it, for TLS or a proxy for example:
    `uvicorn --help` lists them.
    """
    from uvicorn.main import main as serve

    for name in LIMITS:
        limit(name)  # said now if it is no number
    if why := cannot_listen(address, port):
        raise EvidenceError(
            f"The explorer cannot listen on {address}, port {port}: {why}. "
            "Name another port (--port 8502) or address (--address)."
        )
    if data is not None:
        os.environ[paths.DATA_VARIABLE] = str(data.resolve())
    if corpus is not None:
        index_of(corpus)  # made now, and said now if it cannot be
        os.environ[paths.CORPUS_VARIABLE] = str(corpus.resolve())
    if folder := paths.checkout():
        os.chdir(folder)  # Streamlit reads .streamlit/config.toml there
    if address in _THIS_MACHINE:
        os.environ.setdefault(REFRESH_VARIABLE, "on")
    else:
        refresh = os.environ.get(REFRESH_VARIABLE, "off")
        click.echo(
            f"Other machines can reach the explorer at {address}, port {port}. Searching for new "
            f"trials from a page is {refresh} ({REFRESH_VARIABLE})."
        )
    url = _url(address, port, uvicorn)
    threading.Thread(
        target=_say_when_ready,
        args=(address, port, url, not headless and sys.stdin.isatty()),
        daemon=True,
    ).start()
    place, app = paths.app_address()
    where = ("--host", address, "--port", str(port), "--app-dir", str(place))
    serve.main([app, *where, *SETTINGS, *uvicorn], prog_name="uvicorn")


def _url(address: str, port: int, uvicorn: tuple[str, ...]) -> str:
    name = "localhost" if address in ("127.0.0.1", "0.0.0.0", "::", "::1") else address  # noqa: S104
    scheme = "https" if any(part.startswith("--ssl-") for part in uvicorn) else "http"
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}"


def _say_when_ready(address: str, port: int, url: str, open_it: bool) -> None:
    """Name the address as soon as the server listens there, and open it in the browser."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
    while True:
        try:
            socket.create_connection((here, port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    click.echo(f"The explorer is at {url} (Ctrl-C ends it)")
    if open_it:
        webbrowser.open(url)
