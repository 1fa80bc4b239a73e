"""What an operator asks of a running server: health, counts, and a log without readers in it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from ipt_evidence.dashboard import monitoring
from ipt_evidence.dashboard.monitoring import LOG_VARIABLE, METRICS_VARIABLE, Monitor, page_run
from ipt_evidence.paths import DATA_VARIABLE

FIXTURE = Path(__file__).parents[1] / "fixtures" / "base"
SECRET = "anna@example.org"  # noqa: S105  stands for whatever a reader types


def _page(request: Request) -> Response:
    if "broken" in request.url.path:
        raise RuntimeError("broken")
    return PlainTextResponse("page")


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive()


APP = Starlette(
    routes=[
        *monitoring.routes(),
        WebSocketRoute("/_stcore/stream", _stream),
        Route("/{path:path}", _page),
    ],
    middleware=[Middleware(Monitor)],
)


def ask(path: str, query: str = "", kind: str = "http") -> tuple[int, str]:
    """Ask the app without a network; status and text."""
    sent: list[Any] = []
    waiting = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]

    async def receive() -> Any:
        return waiting.pop(0) if kind == "websocket" else {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "websocket.accept":
            sent.append(measured("ipt_sessions"))

    scope = {
        "type": kind, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": [(b"user-agent", SECRET.encode())], "method": "GET", "http_version": "1.1",
        "scheme": "http", "server": ("test", 80), "client": (SECRET, 1), "subprotocols": [],
    }  # fmt: skip
    with ThreadPoolExecutor(1) as thread:  # a browser of another test may keep a loop in this one
        thread.submit(asyncio.run, APP(scope, receive, send)).result()
    if kind == "websocket":
        return sent[1], ""
    return sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:]).decode()


def measured(name: str, **labels: str) -> float:
    """One number of `/metrics`."""
    for family in text_string_to_metric_families(monitoring._scrape().decode()):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    return 0.0


def test_health_says_the_version_of_the_data_or_why_there_are_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(FIXTURE))
    status, body = ask("/healthz")
    assert (status, json.loads(body)["status"]) == (200, "ok")
    assert json.loads(body)["data_version"]
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "nothing"))
    status, body = ask("/healthz")
    assert status == 503
    assert "nothing" in json.loads(body)["reason"]


def test_metrics_are_off_until_they_are_turned_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(FIXTURE))
    monkeypatch.delenv(METRICS_VARIABLE, raising=False)
    status, body = ask("/metrics")
    assert status == 404 and METRICS_VARIABLE in body
    monkeypatch.setenv(METRICS_VARIABLE, "on")
    status, body = ask("/metrics")
    assert status == 200
    assert 'ipt_info{data_version="' in body


def test_answers_are_counted_by_kind_not_by_address() -> None:
    before = measured("ipt_requests_total", kind="page", status="200")
    failed = measured("ipt_requests_total", kind="page", status="500")
    for number in range(3):
        ask(f"/condition{number}", f"q={SECRET}")
    with pytest.raises(RuntimeError, match="broken"):
        ask("/broken")
    assert measured("ipt_requests_total", kind="page", status="200") == before + 3
    assert measured("ipt_requests_total", kind="page", status="500") == failed + 1
    assert SECRET not in monitoring._scrape().decode()
    assert "condition1" not in monitoring._scrape().decode()


def test_a_session_is_counted_while_it_lasts() -> None:
    opened = measured("ipt_sessions_opened_total")
    during, _ = ask("/_stcore/stream", kind="websocket")
    assert during == 1
    assert measured("ipt_sessions") == 0
    assert measured("ipt_sessions_opened_total") == opened + 1


def test_a_run_of_a_page_is_timed_even_when_it_fails() -> None:
    before = measured("ipt_page_seconds_count", page="learn")
    with page_run("learn", waited=0.2):
        pass
    with pytest.raises(ValueError, match="page"), page_run("learn", waited=0.0):
        raise ValueError("page")
    assert measured("ipt_page_seconds_count", page="learn") == before + 2


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Turn the structured log on; a call gives its lines so far."""
    for name in ("ipt_evidence", "uvicorn", "uvicorn.error", "streamlit"):
        logger = logging.getLogger(name)
        monkeypatch.setattr(logger, "handlers", logger.handlers)
        monkeypatch.setattr(logger, "propagate", logger.propagate)
    monkeypatch.setattr(logging.getLogger("ipt_evidence.server"), "level", logging.NOTSET)
    monkeypatch.setenv(LOG_VARIABLE, "json")
    written = io.StringIO()
    monitoring.write_structured_log(written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_the_log_has_an_object_a_line_and_no_reader_in_it(
    log: Callable[[], list[dict[str, Any]]],
) -> None:
    ask("/condition", f"q={SECRET}")
    ask("/static/js/index.js")
    try:
        raise RuntimeError("two\nlines")
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    request, error = log()
    assert {name: request[name] for name in ("level", "event", "kind", "status")} == {
        "level": "info", "event": "request", "kind": "page", "status": 200,
    }  # fmt: skip
    assert SECRET not in json.dumps(request)
    assert error["level"] == "error" and "two\nlines" in error["traceback"]


def test_the_log_is_left_as_it_is_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LOG_VARIABLE, raising=False)
    before = logging.getLogger("ipt_evidence").handlers
    monitoring.write_structured_log()
    assert logging.getLogger("ipt_evidence").handlers is before
