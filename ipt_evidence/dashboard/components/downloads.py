"""Downloads of exactly what is shown, written when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
import streamlit as st

from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.dashboard import session
from ipt_evidence.evidence.once import once
from ipt_evidence.evidence.schema import LIST_SEPARATOR
from ipt_evidence.presentation.tables import csv_safe

__all__ = ["bibtex_button", "csv_button", "references_button"]

REFERENCE_FORMATS = ("bibtex", "ris", "csl-json")


def csv_button(
    label: str,
    frame: pd.DataFrame,
    file_name: str,
    prepare: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
) -> None:
    """Offer ``frame`` as CSV: UTF-8, NA for missing, no cell that a spreadsheet would run.

    ``prepare`` is called on it when somebody asks for the file.
    """
    st.download_button(
        label,
        lambda: _csv(prepare(frame)),
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
    _references_button(label, keys, "bibtex", file_name)


def references_button(label: str, keys: Iterable[str], stem: str) -> None:
    """Offer the records of these keys as BibTeX, RIS or CSL-JSON, each a button."""
    wanted = list(keys)
    for name in REFERENCE_FORMATS:
        writer = WRITERS[name]
        _references_button(f"{label}: {writer.label}", wanted, name, f"{stem}{writer.suffix}")


def _references_button(label: str, keys: Iterable[str], name: str, file_name: str) -> None:
    references = session.evidence().references
    held = once(references, "keys", lambda: set(references["key"]))
    known = [key for key in dict.fromkeys(keys) if key in held]

    def write() -> bytes:
        ordered = references.set_index("key", drop=False).loc[known]
        return write_citations(ordered, name).encode("utf-8")

    st.download_button(
        f"{label} ({len(known)})",
        write,
        file_name=file_name,
        mime=WRITERS[name].mime,
        icon=":material/format_quote:",
        on_click="ignore",
        disabled=not known,
    )
