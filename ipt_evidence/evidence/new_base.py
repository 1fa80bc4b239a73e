"""The folder of a new evidence base: every file that ``validate`` asks for, in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.writers import write_citations
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.package import write_atomically, write_descriptor
from ipt_evidence.evidence.schema import (
    EFFECTS,
    INSTRUMENTS,
    INTEGRITY,
    POOLED,
    STUDIES,
    Table,
)
from ipt_evidence.evidence.sources import load_sources
from ipt_evidence.evidence.validation import rederive
from ipt_evidence.evidence.writing import csv_text

__all__ = ["write_new_base"]

Rows = Iterable[Mapping[str, Any]]
_NO_CLAIMS = "# No article is audited here.\n"


def write_new_base(
    folder: Path,
    *,
    studies: Rows,
    effects: Rows,
    instruments: Rows = (),
    taxonomy: str,
    sources: str,
    bibliography: pd.DataFrame,
) -> None:
    """Write a base that holds these rows, derive its columns and describe it.

    ``taxonomy`` and ``sources`` are the texts of the TOML files, ``bibliography`` a table of
    citations. Published pooled effects, checks of references and claims stay empty.

    Raises
    ------
    DataError
        When the folder holds something already, or cannot be written.
    """
    tables: dict[Table, Rows] = {
        STUDIES: studies,
        EFFECTS: effects,
        INSTRUMENTS: instruments,
        POOLED: (),
        INTEGRITY: (),  # nothing is checked yet
    }
    texts = {
        **{table.file: csv_text(table, rows) for table, rows in tables.items()},
        "taxonomy.toml": taxonomy,
        "sources.toml": sources,
        "claims.toml": _NO_CLAIMS,
        "article_references.txt": "",
        "references.bib": write_citations(bibliography, "bibtex"),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DataError(f"{folder} is not empty. Name a new folder: nothing is replaced")
        for name, text in texts.items():
            write_atomically(folder / name, text)
    except OSError as err:
        raise DataError(f"{folder} cannot be written: {err.strerror}") from err
    rederive(folder)
    write_descriptor(folder, load_sources(folder / "sources.toml")[0])
