"""What every page brings to the browser once: words explained, figures saved, tables, files.

The parts are plain scripts, joined into one module. The message that carries them never changes,
so Streamlit sends it once a session and then only its hash. It also tells how wide the screen is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from ipt_evidence.about import NAME
from ipt_evidence.analyses.glossary.matching import browser_terms
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.packing import packed

__all__ = ["page_tools", "tool"]

_HERE = Path(__file__).parent
_PARTS = (
    "elements.js", "words.js", "figure_files.js", "figure_rows.js", "tables.js", "downloads.js",
    "print.js", "history.js", "screen.js", "main.js",
)  # fmt: skip

_component = st.components.v2.component(
    "ipt_page", js="\n".join((_HERE / part).read_text(encoding="utf-8") for part in _PARTS)
)


_USES = """
export default function (component) {
  if (window.iptPage) return window.iptPage.%(tool)s(component);
  const show = () => window.iptPage.%(tool)s(component);
  window.addEventListener("ipt-page", show, { once: true });
  return () => window.removeEventListener("ipt-page", show);
}
"""


def tool(name: str) -> Callable[..., Any]:
    """A component that the page's tool of this name draws, as soon as the tools have come."""
    component: Callable[..., Any] = st.components.v2.component(
        f"ipt_{name}", js=_USES % {"tool": name}, isolate_styles=False
    )
    return component


def page_tools(version: str) -> None:
    """Bring the tools; ``version`` of the data is written under figures that are saved."""
    # The size is reported while a reader may already be choosing: such a run, too, brings an
    # address from before the choice.
    report = _component(
        key="page-tools", data=_data(version, session.classroom()), on_size_change=address.by_reader
    )
    session.note_screen(report.size)


@lru_cache(maxsize=4)
def _data(version: str, classroom: bool) -> bytes:
    source = f"{NAME}, data version {version}"
    return packed({"terms": browser_terms(), "source": source, "classroom": classroom})
