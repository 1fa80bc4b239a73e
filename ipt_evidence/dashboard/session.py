"""What a page may ask for: the evidence base, answers kept for all sessions, and the theme."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from ipt_evidence.analyses.gap_map.result import Cell
from ipt_evidence.analyses.gap_map.result import gap_cells as cells_of
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.current import base_of, stamp
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures.look import Look
from ipt_evidence.paths import default_data_folder

__all__ = [
    "answer",
    "evidence",
    "gap_cells",
    "is_dark",
    "is_narrow",
    "is_wide",
    "look",
    "note_screen",
    "recall",
]

T = TypeVar("T")
P = ParamSpec("P")

ORDINARY = "medium"  # the screen of a laptop; see components/page/screen.js
LOOK_AGAIN = 0.25  # seconds: a run of a page looks at the files once, not thirty times
_latest: dict[Path, tuple[float, EvidenceBase]] = {}


def evidence() -> EvidenceBase:
    """The evidence base of this server, read again when a file of it changes.

    Shared by all sessions and read-only: every function that changes a table works on a copy.
    """
    folder = default_data_folder()
    looked, base = _latest.get(folder, (0.0, None))
    now = time.monotonic()
    if base is None or now - looked > LOOK_AGAIN:
        base = _load(str(folder), stamp(folder))
        _latest.clear()
        _latest[folder] = (now, base)
    return base


@st.cache_resource(max_entries=2, show_spinner="Reading the evidence…")
def _load(folder: str, state: tuple[int, ...]) -> EvidenceBase:
    return base_of(folder, state)  # the REST interface beside the pages has the same one


def recall(make: Callable[Concatenate[EvidenceBase, P], T], *about: P.args, **more: P.kwargs) -> T:
    """Give ``make(base, *about, **more)``, made once for all sessions while the data are the same.

    For whatever a page shows that follows from the data and a few choices: tables, figures, words.
    ``make`` is a named function; ``about`` and ``more`` are hashable and hold everything it looks
    at, such as the question, the model, the theme and the width. The result is shared: read it, do
    not change it.
    """
    return _kept(make)(evidence(), *about, **more)  # type: ignore[no-any-return]


_kept: Callable[..., Any] = lru_cache(maxsize=None)(cached)


def answer(question: Question, model: Model) -> Estimate:
    """The estimate for one question; computed once for all sessions."""
    return estimate_of(evidence(), View(question, model))


def gap_cells(dimension: str = "comparison", comparison: str = "control") -> tuple[Cell, ...]:
    """The cells of the gap map under the default model."""
    return cells_of(evidence(), dimension, comparison)


def is_dark() -> bool:
    """True when the reader's theme is dark."""
    return st.context.theme.type == "dark"


def look(view: View | None = None) -> Look:
    """How figures are drawn now: the reader's theme and room, and the condition's colour."""
    top = None
    if view is not None:
        top = evidence().taxonomy.with_parents([str(view.question.condition)])[-1]
    return Look(top, is_dark(), is_narrow(), is_wide())


def note_screen(size: str | None) -> None:
    """Keep what the browser says of its screen; a laptop's is assumed until it does."""
    st.session_state["screen"] = size or ORDINARY


def is_narrow() -> bool:
    """True on a screen too narrow for a figure with columns of text beside it."""
    return bool(st.session_state.get("screen") == "narrow")


def is_wide() -> bool:
    """True on a screen with room for further columns beside a figure."""
    return bool(st.session_state.get("screen") == "wide")
