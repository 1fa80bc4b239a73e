"""What the server adds to Streamlit's answers, and who may start a search from a page."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from uvicorn.main import main as uvicorn_command

from ipt_evidence.cli.serving import run_command
from ipt_evidence.dashboard.serving import SafetyHeaders
from ipt_evidence.living.refreshing import REFRESH_VARIABLE, allowed


def headers(query: str = "") -> dict[str, str]:
    """The headers of an answer that passed the middleware."""
    sent: list[Any] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": 200}
        await send({**start, "headers": [(b"Referrer-Policy", b"no-referrer")]})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "query_string": query.encode()}
    with contextlib.suppress(StopIteration):  # nothing in it waits
        SafetyHeaders(answer)(scope, send, send).send(None)
    found = [(name.decode().lower(), value.decode()) for name, value in sent[0]["headers"]]
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


def policy(query: str = "") -> dict[str, str]:
    text = headers(query)["content-security-policy"]
    return dict(part.strip().partition(" ")[::2] for part in text.split(";"))


def test_nothing_is_loaded_from_another_host_and_no_site_frames_a_page() -> None:
    found = policy()
    assert found["default-src"] == "'self'" and found["object-src"] == "'none'"
    assert found["frame-ancestors"] == "'self'"
    assert not any("http" in sources or "*" in sources for sources in found.values())
    sent = headers()
    assert sent["x-content-type-options"] == "nosniff"
    assert sent["referrer-policy"] == "no-referrer"  # an answer's own header stays
    assert "camera=()" in sent["permissions-policy"]


def test_only_a_page_made_for_it_may_stand_in_a_frame() -> None:
    assert policy("embed=true")["frame-ancestors"] == "*"
    assert policy("embed=false&x=embed=true")["frame-ancestors"] == "'self'"


EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize(
    ("address", "before", "refresh"),
    [
        ("127.0.0.1", None, "on"),
        ("::1", None, "on"),
        ("127.0.0.1", "off", "off"),
        (EVERYWHERE, None, None),
        (EVERYWHERE, "on", "on"),
    ],
)
def test_a_page_may_start_a_search_on_this_machine_alone_unless_it_is_turned_on(
    address: str,
    before: str | None,
    refresh: str | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    seen: list[tuple[bool, tuple[str, ...]]] = []
    monkeypatch.setattr(
        uvicorn_command, "main", lambda args, **_: seen.append((allowed(tmp_path), tuple(args)))
    )
    monkeypatch.setattr("ipt_evidence.cli.serving.threading.Thread.start", lambda _self: None)
    monkeypatch.setattr("ipt_evidence.cli.serving.cannot_listen", lambda *_: "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(REFRESH_VARIABLE, raising=False)
    if before is not None:
        monkeypatch.setenv(REFRESH_VARIABLE, before)
    result = CliRunner().invoke(run_command, ["--address", address, "--headless"])
    assert result.exit_code == 0, result.output
    ((may, args),) = seen
    assert may == (refresh == "on") and address in args
    assert ("Other machines can reach the explorer" in result.output) == (address == EVERYWHERE)
