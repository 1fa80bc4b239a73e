"""What the server adds to Streamlit: it warms up before the first reader and sends safe headers."""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipt_evidence.dashboard.monitoring import write_structured_log
from ipt_evidence.errors import EvidenceError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["SCRIPT", "SafetyHeaders", "prepared"]

SCRIPT = Path(__file__).with_name("script.py")
READERS_FIRST = 5.0  # seconds: what the first page does not need must not slow it down


@asynccontextmanager
async def prepared(app: object) -> AsyncIterator[None]:
    """Warm up beside the server, as a lifespan of the app.

    While the browser still loads its scripts, a thread reads the evidence and fills the caches, so
    that the first page does not have to wait for it.
    """
    # Streamlit warns that a thread without a reader uses its caches: here that is the point.
    write_structured_log()
    logger = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    logger.addFilter(lambda record: "ScriptRunContext" not in record.getMessage())
    threading.Thread(target=_warm_up, daemon=True).start()
    yield


def _warm_up() -> None:
    """Import the pages and answer the Overview's questions once; its faults are the page's."""
    from ipt_evidence.analyses.gap_map.result import DIMENSIONS, coverage
    from ipt_evidence.analyses.gaps.result import find_gaps
    from ipt_evidence.analyses.studies.result import catalogue
    from ipt_evidence.dashboard import navigation, session

    for name in navigation.PAGES:
        navigation.renderer(name)  # slow to import
    with contextlib.suppress(EvidenceError):
        coverage(session.evidence())
        find_gaps(session.evidence())
        time.sleep(READERS_FIRST)
        catalogue(session.evidence())
        for dimension in DIMENSIONS:
            coverage(session.evidence(), dimension=dimension)
    # What is in memory now stays there. The collector need not look through it again and again,
    # a fifth of a second each time, in which nobody is answered.
    gc.collect()
    gc.freeze()


# Streamlit loads components from blob: addresses and sets styles in attributes; Plotly draws into
# images of data: addresses. Nothing is loaded from another host.
_POLICY = {
    "default-src": "'self'",
    # Streamlit's own script compiles WebAssembly; that allows no eval of text.
    "script-src": "'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' ws: wss:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}


def _headers(*, embedded: bool) -> list[tuple[bytes, bytes]]:
    ancestors = "*" if embedded else "'self'"
    policy = "; ".join(f"{name} {value}" for name, value in _POLICY.items())
    headers = {**_HEADERS, "content-security-policy": f"{policy}; frame-ancestors {ancestors}"}
    return [(name.encode(), value.encode()) for name, value in headers.items()]


class SafetyHeaders:
    """ASGI middleware: headers that keep other sites' scripts, frames and guesses out.

    A page may stand in a frame of another site only when its address has ``embed=true``: what is
    shown then has no controls that change anything. A header that an answer already has stays.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = scope.get("query_string", b"").split(b"&")
        headers = _headers(embedded=b"embed=true" in query)

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message.get("headers", ())}
                added = [header for header in headers if header[0] not in there]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
