"""``python -m ipt_evidence.dashboard``: Streamlit's server, warmed up before the first reader.

Arguments are those of ``streamlit run``. While the browser still loads its scripts, a thread
reads the evidence and fills the caches, so that the first page does not have to wait for it.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import threading
import time
from pathlib import Path

from streamlit.web import cli

from ipt_evidence.dashboard import serving
from ipt_evidence.errors import EvidenceError

READERS_FIRST = 5.0  # seconds: what the first page does not need must not slow it down
_APP = Path(__file__).resolve().parents[2] / "app.py"


def _warm_up() -> None:
    """Import the pages and answer the Overview's questions once; its faults are the page's."""
    from ipt_evidence.analyses.gap_map.result import DIMENSIONS
    from ipt_evidence.analyses.studies.result import Catalogue
    from ipt_evidence.dashboard import navigation, session

    for name in navigation.PAGES:
        navigation.renderer(name)  # slow to import
    with contextlib.suppress(EvidenceError):
        session.gap_cells()
        session.gaps()
        time.sleep(READERS_FIRST)
        session.recall(Catalogue.of)
        for dimension in DIMENSIONS:
            session.gap_cells(dimension)
    # What is in memory now stays there. The collector need not look through it again and again,
    # a fifth of a second each time, in which nobody is answered.
    gc.collect()
    gc.freeze()


def main() -> None:
    """Start the server; returns when it stops."""
    # Streamlit warns that a thread without a reader uses its caches: here that is the point.
    logger = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    logger.addFilter(lambda record: "ScriptRunContext" not in record.getMessage())
    serving.send_at_once()
    serving.read_theme_once()
    threading.Thread(target=_warm_up, daemon=True).start()
    # Readers do not edit the program: looking through its files for changes costs half a second.
    settings = ["--server.fileWatcherType", "none", *sys.argv[1:]]
    cli.main(["run", str(_APP), *settings], prog_name="streamlit")


if __name__ == "__main__":
    main()
