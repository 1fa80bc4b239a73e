"""Downloads of exactly what is shown, written when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from ipt_evidence.citations.writers.bibtex import write_bibtex
from ipt_evidence.dashboard import session
from ipt_evidence.evidence.schema import LIST_SEPARATOR
from ipt_evidence.presentation.tables import csv_safe

__all__ = ["bibtex_button", "csv_button"]


def csv_button(label: str, frame: pd.DataFrame, file_name: str) -> None:
    """Offer ``frame`` as CSV: UTF-8, NA for missing, no cell that a spreadsheet would run."""
    st.download_button(
        label,
        lambda: _csv(frame),
        file_name=file_name,
        mime="text/csv",
        icon=":material/table:",
        on_click="ignore",
        disabled=frame.empty,
    )


def _csv(frame: pd.DataFrame) -> bytes:
    flat = frame.map(lambda cell: LIST_SEPARATOR.join(cell) if isinstance(cell, tuple) else cell)
    return csv_safe(flat).encode("utf-8")


def bibtex_button(label: str, keys: Iterable[str], file_name: str) -> None:
    """Offer the records of these keys as BibTeX."""
    references = session.evidence().references
    held = set(references["key"])
    known = [key for key in dict.fromkeys(keys) if key in held]

    def write() -> bytes:
        ordered = references.set_index("key", drop=False).loc[known]
        return write_bibtex(ordered).encode("utf-8")

    st.download_button(
        f"{label} ({len(known)})",
        write,
        file_name=file_name,
        mime="application/x-bibtex",
        icon=":material/format_quote:",
        on_click="ignore",
        disabled=not known,
    )
