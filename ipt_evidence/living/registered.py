"""Registered trials of IPT: tagged, held against the base, kept in ``living/registered.csv``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.records import Record
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import plain_cells, read_table
from ipt_evidence.evidence.files import write_atomically
from ipt_evidence.evidence.registered import UNDER_WAY, registered, registered_path
from ipt_evidence.evidence.schema import REGISTERED
from ipt_evidence.living.candidates import collected
from ipt_evidence.services.client import Client
from ipt_evidence.services.clinical_trials import Registration, search
from ipt_evidence.wording import tables
from ipt_evidence.wording.plain import csv_safe

__all__ = ["register", "registered_table"]

_MOST_PAGES = 50


def register(
    base: EvidenceBase,
    client: Client,
    query: str,
    since: str,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Ask for registered trials changed since a day, and write them; how many there were.

    Rows that are known already are replaced, the others stay. Nothing is written before the last
    page is here: replies are kept, so that a run that breaks off costs little to repeat.

    Raises
    ------
    ServiceError
        When a page cannot be had.
    """
    found: list[Registration] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        page = search(client, query, since, cursor)
        found += page.trials
        progress(len(found), max(page.total, len(found)))
        cursor = page.cursor
        if not cursor:
            break
    today = client.clock.today().isoformat()
    rows = {one["nct_id"]: one for one in _known(base.folder)}
    rows |= {one["nct_id"]: one for one in _rows(base, found, today)}
    path = registered_path(base.folder)
    kept = pd.DataFrame([rows[name] for name in sorted(rows)], columns=REGISTERED.column_names)
    write_atomically(path, csv_safe(plain_cells(REGISTERED, kept)))
    return len(found)


def _known(folder: Path) -> list[dict[Any, Any]]:
    if not registered_path(folder).exists():
        return []
    return read_table(folder, REGISTERED)[0].to_dict("records")


def _rows(
    base: EvidenceBase, found: Iterable[Registration], today: str
) -> Iterable[dict[str, Any]]:
    trials = list(found)
    conditions = _conditions(base, trials)
    reports = _reports(base)
    for one in trials:
        yield {
            "nct_id": one.nct_id,
            "title": one.title,
            "status": one.status or "UNKNOWN",
            "randomised": one.randomised,
            "conditions": conditions.get(one.nct_id, ()),
            "registered_for": ", ".join(one.conditions),
            "comparisons": one.comparisons,
            "arms": "; ".join(one.arms),
            "people": one.people,
            "start": one.start,
            "completion": one.completion,
            "updated": one.updated,
            "has_results": one.has_results,
            "reported_in": reports.get(one.nct_id, ()),
            "seen": today,
        }


def _conditions(base: EvidenceBase, trials: list[Registration]) -> dict[str, tuple[str, ...]]:
    """Conditions of the taxonomy that the tagger finds in title, keywords and summary."""
    if not trials:
        return {}
    records = [
        Record(
            key=one.nct_id, type="article", title=one.title, source_line=number, raw={},
            abstract=" ".join([", ".join(one.conditions), one.summary]),
        )
        for number, one in enumerate(trials, start=1)
    ]  # fmt: skip
    tags = tag_citations(collected(records).citations, base.taxonomy)
    tags = tags.loc[tags["kind"] == "condition"]
    return {str(key): tuple(dict.fromkeys(values)) for key, values in tags.groupby("key")["value"]}


def _reports(base: EvidenceBase) -> dict[str, tuple[str, ...]]:
    """Keys of our references that name a registration."""
    found: dict[str, list[str]] = {}
    named = zip(base.references["key"], base.references["registry_ids"], strict=True)
    checked = zip(base.integrity["reference"], base.integrity["registry_ids"], strict=True)
    for key, numbers in (*named, *checked):
        for number in numbers:
            found.setdefault(str(number), []).append(str(key))
    return {number: tuple(dict.fromkeys(keys)) for number, keys in found.items()}


def registered_table(base: EvidenceBase) -> pd.DataFrame:
    """Registered trials of which this base holds no report, those under way first."""
    rows = registered(base)
    rows = rows.loc[[not reports for reports in rows["reported_in"]]]
    going = rows["status"].isin(list(UNDER_WAY))
    rows = rows.assign(going=going).sort_values(
        ["going", "updated"], ascending=False, kind="stable"
    )
    compared = {one.id: one.label for one in base.taxonomy.comparisons}
    return pd.DataFrame(
        {
            "Trial": rows["title"].to_list(),
            "Status": [
                UNDER_WAY.get(status, status.replace("_", " ").capitalize())
                for status in rows["status"]
            ],
            "Registered for": [tables.text(value) for value in rows["registered_for"]],
            "IPT compared with": [
                ", ".join(compared.get(one, one) for one in named) or "not clear"
                for named in rows["comparisons"]
            ],
            "People": [tables.count(value) for value in rows["people"]],
            "Completion": [tables.text(value) for value in rows["completion"]],
            "Open": [f"https://clinicaltrials.gov/study/{name}" for name in rows["nct_id"]],
        }
    )
