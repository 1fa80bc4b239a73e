"""Bibliographies out. A new format is a module here and a row in `WRITERS`.

rows.py        rows of the table as plain values, tags among the keywords
extras.py      fields without a column, and what each format calls them
bibtex.py, ris.py, nbib.py, csl_json.py, table.py
formatted.py   printed references in APA, Vancouver and AMA style
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.citations.writers.bibtex import write_biblatex, write_bibtex
from ipt_evidence.citations.writers.csl_json import write_csl_json
from ipt_evidence.citations.writers.nbib import write_nbib
from ipt_evidence.citations.writers.ris import write_ris
from ipt_evidence.citations.writers.table import write_csv
from ipt_evidence.errors import CitationError

__all__ = ["WRITERS", "Writer", "write_citations"]


@dataclass(frozen=True, slots=True)
class Writer:
    """A format that can be written: its name, what people call it, suffix, MIME type, function."""

    name: str
    label: str
    suffix: str
    mime: str
    write: Callable[[pd.DataFrame, pd.DataFrame | None], str]


def _formatted(style: str) -> Callable[[pd.DataFrame, pd.DataFrame | None], str]:
    def write(citations: pd.DataFrame, tags: pd.DataFrame | None = None) -> str:
        # The citation processor takes a while to import and is needed for nothing else.
        from ipt_evidence.citations.writers.formatted import write_references

        return write_references(citations, style)

    return write


WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        Writer("bibtex", "BibTeX", ".bib", "application/x-bibtex", write_bibtex),
        Writer("biblatex", "biblatex", ".bib", "application/x-bibtex", write_biblatex),
        Writer("ris", "RIS", ".ris", "application/x-research-info-systems", write_ris),
        Writer("nbib", "PubMed (nbib)", ".nbib", "application/nbib", write_nbib),
        Writer(
            "csl-json",
            "CSL-JSON",
            ".json",
            "application/vnd.citationstyles.csl+json",
            write_csl_json,
        ),
        Writer("csv", "CSV table", ".csv", "text/csv", write_csv),
        Writer("apa", "References, APA 7", ".txt", "text/plain", _formatted("apa")),
        Writer("vancouver", "References, Vancouver", ".txt", "text/plain", _formatted("vancouver")),
        Writer("ama", "References, AMA 11", ".txt", "text/plain", _formatted("ama")),
    )
}
"""Every format that can be written, by name."""


def write_citations(citations: pd.DataFrame, format: str, tags: pd.DataFrame | None = None) -> str:
    """``citations`` as text in one of `WRITERS`.

    Parameters
    ----------
    citations : DataFrame
        As `loading.load_citations` gives it, or the ``unique`` of a de-duplication.
    format : str
        A name of `WRITERS`.
    tags : DataFrame, optional
        As `tagging.tag_citations` gives it; tags become keywords ``kind:value`` in every format
        that has keywords, so that reference managers keep them.

    Raises
    ------
    CitationError
        The format is not known; the message names those that are.
    """
    writer = WRITERS.get(format.lower())
    if writer is None:
        raise CitationError(f"{format} cannot be written. Choose one of: {', '.join(WRITERS)}.")
    return writer.write(citations, tags)
