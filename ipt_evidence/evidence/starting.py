"""A new evidence base, of another therapy or condition, from a bibliography and a table.

What comes out is a folder of the same shape as ``data/``: everything here works on it with
``--data FOLDER``. Nothing is taken on trust: each row of the table names the record it comes from,
the phrase in which its number stands, and where that can be opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.loading import load_citations
from ipt_evidence.citations.writers import write_citations
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import csv_text
from ipt_evidence.evidence.files import new_folder, write_atomically
from ipt_evidence.evidence.package import write_descriptor
from ipt_evidence.evidence.schema import EFFECTS, INSTRUMENTS, INTEGRITY, POOLED, STUDIES, Table
from ipt_evidence.evidence.sources import load_sources
from ipt_evidence.evidence.validation import rederive
from ipt_evidence.paths import default_data_folder

__all__ = ["NEEDED", "NO_CLAIMS", "start_base", "taxonomy_with", "toml", "write_new_base"]

Rows = Iterable[Mapping[str, Any]]
NO_CLAIMS = "# No article is audited here.\n"


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
        "claims.toml": NO_CLAIMS,
        "article_references.txt": "",
        "references.bib": write_citations(bibliography, "bibtex"),
    }
    with new_folder(folder) as place:
        for name, text in texts.items():
            write_atomically(place / name, text)
        rederive(place)
        write_descriptor(place, load_sources(place / "sources.toml")[0])


NEEDED = ("reference", "condition", "outcome", "quote", "source_url")
"""Columns that every table must have, filled in every row."""

_ARMS = {
    "mean_treatment": "mean_ipt",
    "sd_treatment": "sd_ipt",
    "n_treatment": "n_ipt",
    "events_treatment": "events_ipt",
}
_SOURCE = "own-table"
_DOMAIN = "other"  # the outcome domain of conditions that the taxonomy does not know
_DEFAULTS = {"comparison": "control", "direction": "lower_better", "time": "post"}


def start_base(
    folder: str | Path,
    *,
    references: str | Path,
    effects: str | Path | pd.DataFrame,
    conditions: Mapping[str, str] | None = None,
    source: str = "My own table",
) -> EvidenceBase:
    """Write a new evidence base and load it.

    Parameters
    ----------
    folder
        Where it goes; must be empty or not exist yet.
    references
        A bibliography in any format that `load_citations` reads.
    effects
        A CSV file or a table with one row an effect. Needed are `NEEDED`; ``reference`` is the key
        of a record. Numbers are either ``mean_treatment sd_treatment n_treatment
        mean_comparator sd_comparator n_comparator``, or ``events_treatment n_treatment
        events_comparator n_comparator``, or ``g`` (positive favours the treatment) with ``se``.
        Optional: any other column of ``effects.csv``, such as ``comparison`` (control),
        ``direction`` (lower_better), ``time`` (post), ``comparator``.
    conditions
        Id and name of each condition that the taxonomy does not hold.
    source
        What the source of the numbers is called.

    Raises
    ------
    DataError
        When the folder is not empty, a column or value is missing, or a reference is unknown; the
        message names the row.
    """
    place = Path(folder)
    loaded = load_citations([references])
    table = effects if isinstance(effects, pd.DataFrame) else pd.read_csv(effects)
    records = {str(row["key"]): row for row in loaded.citations.to_dict("records")}
    _check(table, set(records))
    write_new_base(
        place,
        studies=_studies(table, records),
        effects=[_effect(number, row) for number, row in enumerate(table.to_dict("records"), 1)],
        taxonomy=taxonomy_with(conditions or {}),
        sources=toml("sources", {"id": _SOURCE, "label": source, "kind": "table"}),
        bibliography=loaded.citations,
    )
    return EvidenceBase.load(place)


def _check(table: pd.DataFrame, keys: set[str]) -> None:
    absent = [name for name in NEEDED if name not in table.columns]
    if absent:
        raise DataError(f"The table has no column {', '.join(absent)}. Add it: every row needs it")
    for number, row in enumerate(table.to_dict("records"), 1):
        for name in NEEDED:
            if pd.isna(row[name]) or not str(row[name]).strip():
                raise DataError(f"Row {number} of the table has no {name}. Fill it in")
        if row["reference"] not in keys:
            known = ", ".join(sorted(keys)[:8])
            raise DataError(
                f"Row {number} of the table names the reference {row['reference']!r}, which the "
                f"bibliography does not hold. It holds {known}"
            )


def _effect(number: int, row: dict[Any, Any]) -> dict[str, Any]:
    filled = {str(name): value for name, value in row.items() if not pd.isna(value)}
    given = {_ARMS.get(name, name): value for name, value in filled.items()}
    return {
        **_DEFAULTS,
        "outcome_domain": _DOMAIN,
        "include": True,
        "include_reason": "Entered in the table",
        **{name: given[name] for name in EFFECTS.column_names if name in given},
        **_inputs(given),
        "effect_id": f"{row['reference']}-{number}",
        "study_id": row["reference"],
        "source_id": _SOURCE,
        "verified": True,
        "check": "none",
        "extraction": "single",
    }


def _inputs(given: dict[str, Any]) -> dict[str, Any]:
    """Which numbers of the row make the effect; ``none`` leaves it out of every estimate."""
    if _has(given, "mean_ipt", "sd_ipt", "n_ipt"):
        return {"input_type": "means"}
    if _has(given, "events_ipt", "n_ipt"):
        return {"input_type": "events"}
    if _has(given, "g", "se"):
        return {"input_type": "reported_smd", "reported_metric": "Hedges g",
                "reported_value": given["g"], "reported_se": given["se"],
                "reported_positive_favours": "ipt"}  # fmt: skip
    return {"input_type": "none", "include": False, "include_reason": "No number in the table"}


def _has(given: dict[str, Any], *names: str) -> bool:
    return all(name in given for name in names)


def _studies(table: pd.DataFrame, records: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for key, own in table.groupby("reference", sort=False):
        record = records[str(key)]
        authors = record["authors"] or [{"family": str(key)}]
        family = authors[0].get("family") or authors[0].get("literal") or str(key)
        year = None if pd.isna(record["year"]) else int(record["year"])
        rows.append(
            {
                "study_id": key,
                "label": f"{family} {year}" if year else family,
                "year": year,
                "references": (key,),
                "conditions": tuple(dict.fromkeys(own["condition"])),
                "design": "rct",
                "ipt_variant": "ipt",  # the treatment of this base: columns named after IPT hold it
                "source_id": _SOURCE,
                "source_url": own["source_url"].iloc[0],
                "quote": own["quote"].iloc[0],
            }
        )
    return rows


def taxonomy_with(conditions: Mapping[str, str]) -> str:
    """The bundled taxonomy with further conditions, whose own name is the term they go by."""
    blocks = [(default_data_folder() / "taxonomy.toml").read_text(encoding="utf-8")]
    for name, label in conditions.items():
        facts = {"id": name, "label": label, "short_label": label, "description": label,
                 "primary_outcomes": [_DOMAIN], "terms": [label.lower()]}  # fmt: skip
        blocks.append(toml("conditions", facts))
    return "\n".join(blocks)


def toml(table: str, facts: Mapping[str, Any]) -> str:
    """One entry of ``[[table]]`` as TOML."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in facts.items()]
    return "\n".join([f"[[{table}]]", *lines, ""])
