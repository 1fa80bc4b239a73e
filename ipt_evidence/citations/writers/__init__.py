"""Bibliographies out. A new format is a module here and a row in `WRITERS`.

rows.py        rows of the table as plain values; what a format calls types and further fields
bibtex.py, ris.py, nbib.py, csl_json.py, table.py
formatted.py   printed references in APA, Vancouver and AMA style
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import pandas as pd

from ipt_evidence.citations.readers.csl_json import CSL_TYPES
from ipt_evidence.citations.readers.nbib import NBIB_TYPES
from ipt_evidence.citations.writers.bibtex import biblatex_pieces, bibtex_pieces
from ipt_evidence.citations.writers.csl_json import csl_json_pieces
from ipt_evidence.citations.writers.nbib import nbib_pieces
from ipt_evidence.citations.writers.ris import ris_pieces
from ipt_evidence.citations.writers.rows import Row, rows_of, same_type
from ipt_evidence.citations.writers.table import csv_pieces
from ipt_evidence.errors import CitationError

__all__ = ["WRITERS", "Part", "Writer", "left_out", "write_citations", "written_pieces"]

Part = tuple[pd.DataFrame, pd.DataFrame | None]
"""Some citations of a longer list, and their tags."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A format that can be written: its name, what people call it, suffix, MIME type, function.

    ``pieces`` turns rows into pieces of text that follow each other, as the rows come; ``lacks``
    names the columns for which the format has no place, ``types`` all that it can tell apart.
    """

    name: str
    label: str
    suffix: str
    mime: str
    pieces: Callable[[Iterable[Row]], Iterator[str]]
    lacks: tuple[str, ...] = ()
    types: frozenset[str] | None = None


def _references(style: str, rows: Iterable[Row]) -> Iterator[str]:
    # The citation processor takes a while to import and is needed for nothing else.
    from ipt_evidence.citations.writers.formatted import reference_pieces

    return reference_pieces(rows, style)


_NOT_PRINTED = (
    "pmid", "pmcid", "issn", "abstract", "keywords", "language", "registry_ids", "et_al",
)  # fmt: skip


def _formatted(style: str, label: str) -> Writer:
    pieces = partial(_references, style)
    return Writer(style, f"References, {label}", ".txt", "text/plain", pieces, _NOT_PRINTED)


WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        Writer("bibtex", "BibTeX", ".bib", "application/x-bibtex", bibtex_pieces),
        Writer("biblatex", "biblatex", ".bib", "application/x-bibtex", biblatex_pieces),
        Writer("ris", "RIS", ".ris", "application/x-research-info-systems", ris_pieces),
        Writer(
            "nbib",
            "PubMed (nbib)",
            ".nbib",
            "application/nbib",
            nbib_pieces,
            ("url",),
            frozenset({"article", *dict(NBIB_TYPES).values()}),
        ),
        Writer(
            "csl-json",
            "CSL-JSON",
            ".json",
            "application/vnd.citationstyles.csl+json",
            csl_json_pieces,
            types=frozenset({*CSL_TYPES, "misc"}),
        ),
        Writer("csv", "CSV table", ".csv", "text/csv", csv_pieces),
        _formatted("apa", "APA 7"),
        _formatted("vancouver", "Vancouver"),
        _formatted("ama", "AMA 11"),
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
    return "".join(written_pieces([(citations, tags)], format))


def left_out(citations: pd.DataFrame, format: str) -> dict[str, int]:
    """Columns of ``citations`` that ``format`` cannot hold → how many records fill them.

    ``type`` stands for records whose type the format has no name for, and writes as another one.
    """
    writer = _writer(format)
    counts = {
        column: sum(bool(value) and value == value for value in citations[column].dropna())
        for column in writer.lacks
        if column in citations
    }
    if writer.types is not None and "type" in citations:
        counts["type"] = int((~citations["type"].map(same_type).isin(writer.types)).sum())
    return {column: count for column, count in counts.items() if count}


def _writer(format: str) -> Writer:
    writer = WRITERS.get(format.lower())
    if writer is None:
        raise CitationError(f"{format} cannot be written. Choose one of: {', '.join(WRITERS)}.")
    return writer


def written_pieces(parts: Iterable[Part], format: str) -> Iterator[str]:
    """As `write_citations` writes all ``parts`` together, in pieces.

    Only one part is held at a time, but for the styles that put references in alphabetical order.
    """
    return _writer(format).pieces(_rows(parts))


def _rows(parts: Iterable[Part]) -> Iterator[Row]:
    first = 1
    for citations, tags in parts:
        yield from rows_of(citations, tags, first=first)
        first += len(citations)
