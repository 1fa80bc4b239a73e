"""What a page may ask for: the evidence base, cached answers, and the reader's theme."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ipt_evidence.evidence import sensitivity
from ipt_evidence.evidence.base import DATA_FILES, EvidenceBase
from ipt_evidence.evidence.coverage import Cell, coverage
from ipt_evidence.evidence.estimation import Estimate, Model, estimate
from ipt_evidence.evidence.location import default_data_folder
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.sensitivity import Alternative

__all__ = [
    "alternatives",
    "answer",
    "evidence",
    "gap_cells",
    "is_dark",
    "is_narrow",
    "watch_viewport",
]


def evidence() -> EvidenceBase:
    """The evidence base of this server, read again when a file of it changes.

    Shared by all sessions and read-only: every function that changes a table works on a copy.
    """
    folder = default_data_folder()
    return _load(str(folder), _stamp(folder))


def _stamp(folder: Path) -> tuple[int, ...]:
    """Modification times of the files, so that an edited base is noticed."""
    paths = (folder / name for name in DATA_FILES)
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)


@st.cache_resource(max_entries=2, show_spinner="Reading the evidence…")
def _load(folder: str, stamp: tuple[int, ...]) -> EvidenceBase:
    return EvidenceBase.load(folder)


def answer(question: Question, model: Model) -> Estimate:
    """The estimate for one question; computed once for all sessions."""
    base = evidence()
    return _answer(base, base.fingerprint, question, model)


@st.cache_resource(max_entries=512, show_spinner=False)
def _answer(_base: EvidenceBase, fingerprint: str, question: Question, model: Model) -> Estimate:
    return estimate(_base, question, model)


def alternatives(question: Question, model: Model) -> list[Alternative]:
    """Other ways to answer the same question; computed once for all sessions."""
    base = evidence()
    return _alternatives(base, base.fingerprint, question, model)


@st.cache_resource(max_entries=512, show_spinner=False)
def _alternatives(
    _base: EvidenceBase, fingerprint: str, question: Question, model: Model
) -> list[Alternative]:
    return sensitivity.alternatives(_base, _answer(_base, fingerprint, question, model))


def gap_cells() -> list[Cell]:
    """The cells of the gap map under the default model."""
    base = evidence()
    return _gap_cells(base, base.fingerprint)


@st.cache_resource(max_entries=2, show_spinner=False)
def _gap_cells(_base: EvidenceBase, fingerprint: str) -> list[Cell]:
    return coverage(_base)


def is_dark() -> bool:
    """True when the reader's theme is dark."""
    return st.context.theme.type == "dark"


_viewport = st.components.v2.component(
    "ipt_viewport",
    js="""
    export default function ({ setStateValue }) {
      const query = window.matchMedia("(max-width: 640px)");
      const tell = () => setStateValue("narrow", query.matches);
      // Wide is what the server assumes: it need not be told. A narrow screen says so when the
      // first run has ended, so that it is not cut short.
      const app = document.querySelector('[data-testid="stApp"]');
      const idle = () => !app || app.dataset.testScriptState === "notRunning";
      let watch = null;
      if (query.matches && idle()) tell();
      else if (query.matches) {
        watch = new MutationObserver(() => { if (idle()) { watch.disconnect(); tell(); } });
        watch.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
      }
      query.addEventListener("change", tell);
      return () => { query.removeEventListener("change", tell); if (watch) watch.disconnect(); };
    }
    """,
)


def watch_viewport() -> None:
    """Learn from the browser whether the screen is narrow; figures are drawn to fit it."""
    result = _viewport(key="viewport", on_narrow_change=lambda: None)
    st.session_state["is_narrow"] = bool(result.narrow)


def is_narrow() -> bool:
    """True on a screen too narrow for a figure with columns of text beside it."""
    return bool(st.session_state.get("is_narrow", False))
