"""An import as an evidence base of its own: a folder that ``validate`` accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ipt_evidence.citations.writers import write_citations
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.metapsy.importing import Imported
from ipt_evidence.evidence.package import write_atomically, write_descriptor
from ipt_evidence.evidence.schema import EFFECTS, INSTRUMENTS, INTEGRITY, MISSING, POOLED, STUDIES
from ipt_evidence.evidence.sources import Source, load_sources
from ipt_evidence.evidence.validation import rederive
from ipt_evidence.evidence.writing import csv_text

__all__ = ["write_base"]


def write_base(imported: Imported, base: EvidenceBase, folder: Path) -> Path:
    """Write an import into ``folder``, which must be empty or not exist yet.

    Taxonomy and known instruments come from ``base``; derived columns and the descriptor are made
    as for any base.

    Raises
    ------
    DataError
        When the folder holds something already, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DataError(
                f"{folder} is not empty. Name a new folder: an import replaces nothing by itself"
            )
        _write(imported, base, folder)
    except OSError as err:
        raise DataError(f"{folder} cannot be written: {err.strerror}") from err
    rederive(folder)
    sources, _ = load_sources(folder / "sources.toml")
    write_descriptor(folder, sources)
    return folder


def _write(imported: Imported, base: EvidenceBase, folder: Path) -> None:
    write_atomically(folder / STUDIES.file, csv_text(STUDIES, imported.studies))
    write_atomically(folder / EFFECTS.file, csv_text(EFFECTS, imported.effects))
    write_atomically(folder / POOLED.file, csv_text(POOLED, ()))
    write_atomically(folder / INTEGRITY.file, csv_text(INTEGRITY, ()))  # nothing is checked yet
    write_atomically(folder / INSTRUMENTS.file, csv_text(INSTRUMENTS, _instruments(imported, base)))
    write_atomically(folder / INTEGRITY.file, csv_text(INTEGRITY, ()))  # nobody was asked
    write_atomically(folder / "taxonomy.toml", (base.folder / "taxonomy.toml").read_text("utf-8"))
    write_atomically(folder / "sources.toml", _sources(imported, base))
    write_atomically(folder / "claims.toml", "# An imported database makes no claims.\n")
    write_atomically(folder / "article_references.txt", "")
    bibliography = write_citations(imported.bibliography, "bibtex")
    write_atomically(folder / "references.bib", bibliography)


def _instruments(imported: Imported, base: EvidenceBase) -> list[dict[str, Any]]:
    known = {row["instrument_id"]: row for row in base.instruments.to_dict("records")}
    rows = []
    for key, (name, direction, domain) in sorted(imported.instruments.items()):
        own = {str(k): v for k, v in known.get(key, {}).items()}
        new = {
            "instrument_id": key,
            "label": name,
            "outcome_domain": domain,
            "direction": direction,
            "note": "Direction found from the rows of the database",
        }
        rows.append({**(own or new), "reference_sd": None, "reference_sd_basis": None})
    return rows


def _sources(imported: Imported, base: EvidenceBase) -> str:
    """``sources.toml`` with the one database, by what the base or its metadata say of it."""
    database = imported.database
    known = base.sources.get(imported.source_id)
    facts = known or Source(
        id=imported.source_id,
        label=f"Metapsy: {database.shorthand}",
        kind="database",
        url="https://www.metapsy.org",
        licence=database.licence.splitlines()[0][:80] if database.licence else "",
        attribution=f"Metapsy database {database.shorthand}. Metapsy project, www.metapsy.org.",
    )
    lines = ["[[sources]]"]
    for name in Source.__dataclass_fields__:
        value = getattr(facts, name)
        if name == "last_search":
            value = database.last_search or value
        if name == "positive_g_means":
            means = imported.direction.positive_means
            value = means if means in ("benefit", "harm") else "n/a"
        lines.append(f"{name} = {json.dumps(value or MISSING, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"
