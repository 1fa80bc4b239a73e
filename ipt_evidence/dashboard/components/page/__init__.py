"""What every page brings to the browser once: words explained, figures saved, tables built.

The parts are plain scripts, joined into one module. The message that carries them never changes,
so Streamlit sends it once a session and then only its hash.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ipt_evidence.presentation.learn.glossary.matching import browser_terms

__all__ = ["page_tools"]

_HERE = Path(__file__).parent
_PARTS = (
    "elements.js", "words.js", "figure_files.js", "twin.js", "print.js", "history.js", "main.js"
)  # fmt: skip

_component = st.components.v2.component(
    "ipt_page", js="\n".join((_HERE / part).read_text(encoding="utf-8") for part in _PARTS)
)


def page_tools(version: str) -> None:
    """Bring the tools; ``version`` of the data is written under figures that are saved."""
    _component(
        key="page-tools",
        data={
            "terms": browser_terms(),
            "source": f"IPT evidence explorer, data version {version}",
        },
    )
