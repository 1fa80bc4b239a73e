"""What a server of the app does before its first reader comes."""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ipt_evidence.errors import EvidenceError

__all__ = ["SCRIPT", "prepared"]

SCRIPT = Path(__file__).with_name("script.py")
READERS_FIRST = 5.0  # seconds: what the first page does not need must not slow it down


@asynccontextmanager
async def prepared(app: object) -> AsyncIterator[None]:
    """Warm up beside the server, as a lifespan of the app.

    While the browser still loads its scripts, a thread reads the evidence and fills the caches, so
    that the first page does not have to wait for it.
    """
    # Streamlit warns that a thread without a reader uses its caches: here that is the point.
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
