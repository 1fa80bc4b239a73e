"""Downloads of exactly what is shown."""

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
    flat = frame.map(lambda cell: LIST_SEPARATOR.join(cell) if isinstance(cell, tuple) else cell)
    st.download_button(
        label,
        csv_safe(flat).encode("utf-8"),
        file_name=file_name,
        mime="text/csv",
        icon=":material/table:",
        on_click="ignore",
        disabled=frame.empty,
    )


def bibtex_button(label: str, keys: Iterable[str], file_name: str) -> None:
    """Offer the records of these keys as BibTeX."""
    wanted = list(dict.fromkeys(keys))
    references = session.evidence().references.set_index("key", drop=False)
    chosen = references.loc[[key for key in wanted if key in references.index]]
    st.download_button(
        f"{label} ({len(chosen)})",
        write_bibtex(chosen).encode("utf-8"),
        file_name=file_name,
        mime="application/x-bibtex",
        icon=":material/format_quote:",
        on_click="ignore",
        disabled=chosen.empty,
    )
