"""What an operator sees of a running server: whether it is well, how busy it is, what went wrong.

`/healthz` says whether this process can answer, `/metrics` counts in the text format of Prometheus,
and the log has one JSON object a line. None of the three holds anything about a reader: no address
of a machine, no browser, no filters, nothing from an upload.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ipt_evidence.about import VERSION
from ipt_evidence.dashboard import jobs
from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.base import current_base

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = [
    "LOG_VARIABLE",
    "METRICS_VARIABLE",
    "Monitor",
    "page_run",
    "routes",
    "write_structured_log",
]

METRICS_VARIABLE = "IPT_EVIDENCE_METRICS"
"""``on``: `/metrics` answers. Off unless it is set: it tells strangers how busy the server is."""
LOG_VARIABLE = "IPT_EVIDENCE_LOG"
"""``json``: requests, sessions, runs of pages and errors are logged, one JSON object a line."""

_KINDS = {
    "/api/": "api",
    "/_stcore/stream": "stream",
    "/_stcore/upload_file": "upload",
    "/_stcore/": "streamlit",
    "/media/": "download",
    "/static/": "static",
    "/app/static/": "static",
    "/component/": "static",
    "/healthz": "operator",
    "/metrics": "operator",
}
_log = logging.getLogger("ipt_evidence.server")
_registry = CollectorRegistry()
ProcessCollector(registry=_registry)
PlatformCollector(registry=_registry)
_requests = Counter(
    "ipt_requests", "Answers by kind and status", ("kind", "status"), registry=_registry
)
_seconds = Histogram(
    "ipt_request_seconds", "Time until an answer was sent", ("kind",), registry=_registry
)
_sessions = Gauge("ipt_sessions", "Readers whose page is open", registry=_registry)
_opened = Counter("ipt_sessions_opened", "Sessions since the start", registry=_registry)
_pages = Histogram(
    "ipt_page_seconds", "Time to make a page, without waiting", ("page",), registry=_registry
)
_waits = Histogram(
    "ipt_page_wait_seconds", "Time that a page waited for its turn", registry=_registry
)
_jobs = Gauge("ipt_jobs", "Long calculations under way", ("state",), registry=_registry)
_jobs.labels("computing").set_function(lambda: jobs.counts()[0])
_jobs.labels("waiting").set_function(lambda: jobs.counts()[1])
_about = Info("ipt", "Versions of the program and of the data", registry=_registry)


def routes() -> list[BaseRoute]:
    """`/healthz` and `/metrics`, to mount beside Streamlit."""
    return [
        Route("/healthz", _health, methods=["GET"]),
        Route("/metrics", _metrics, methods=["GET"]),
    ]


def _health(_: Request) -> Response:
    """200 when the evidence can be read; 503 with the reason when it cannot."""
    try:
        version = current_base().version
    except EvidenceError as err:
        return JSONResponse({"status": "failed", "reason": str(err)}, status_code=503)
    return JSONResponse({"status": "ok", "version": VERSION, "data_version": version})


def _metrics(_: Request) -> Response:
    if os.environ.get(METRICS_VARIABLE, "off") != "on":
        reason = f"Metrics are off here. {METRICS_VARIABLE}=on turns them on.\n"
        return Response(reason, status_code=404, media_type="text/plain; charset=utf-8")
    return Response(_scrape(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _scrape() -> bytes:
    try:
        data_version = current_base().version
    except EvidenceError:
        data_version = "unreadable"
    _about.info({"version": VERSION, "data_version": data_version})
    return generate_latest(_registry)


@contextmanager
def page_run(page: str, waited: float) -> Iterator[None]:
    """Note how long a run of ``page`` takes, and the ``waited`` seconds until it could begin."""
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - start
        _pages.labels(page).observe(seconds)
        _waits.observe(waited)
        _event("page", page=page, seconds=round(seconds, 4), waited=round(waited, 4))


class Monitor:
    """ASGI middleware: counts and times answers, counts sessions, and logs both."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or keep one session."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._session(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind, start, status = _kind(scope["path"]), time.perf_counter(), 500

        async def send_and_note(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            seconds = time.perf_counter() - start
            _requests.labels(kind, str(status)).inc()
            _seconds.labels(kind).observe(seconds)
            if kind not in ("static", "operator"):
                _event("request", kind=kind, status=status, seconds=round(seconds, 4))

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        _opened.inc()
        with _sessions.track_inprogress():
            await self._app(scope, receive, send)
        _event("session", seconds=round(time.perf_counter() - start, 1))


def _kind(path: str) -> str:
    """One of a few words: a path may hold anything, and each new word would be kept for ever."""
    return next((kind for start, kind in _KINDS.items() if path.startswith(start)), "page")


def _event(event: str, **about: object) -> None:
    _log.info(event, extra={"about": about})


class _JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, event, and what belongs to it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "about", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def write_structured_log(stream: TextIO | None = None) -> None:
    """Log as JSON to ``stream`` (standard error) if `LOG_VARIABLE` asks for it; else do nothing."""
    if os.environ.get(LOG_VARIABLE) != "json":
        return
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonLines())
    for name in ("ipt_evidence", "uvicorn", "uvicorn.error", "streamlit"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
    _log.setLevel(logging.INFO)
