"""An import as an evidence base of its own: a folder that ``validate`` accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.new_base import write_new_base
from ipt_evidence.evidence.schema import MISSING
from ipt_evidence.evidence.sources import Source
from ipt_evidence.exchange.metapsy.importing import Imported

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
    write_new_base(
        folder,
        studies=imported.studies,
        effects=imported.effects,
        instruments=_instruments(imported, base),
        taxonomy=(base.folder / "taxonomy.toml").read_text(encoding="utf-8"),
        sources=_sources(imported, base),
        bibliography=imported.bibliography,
    )
    return folder


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
