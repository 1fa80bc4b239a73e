"""Free copies of the papers that the base cites, as Unpaywall names them, in ``living/``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ipt_evidence.errors import ServiceError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.living.runs import living_folder, log_run, read_rows, write_rows
from ipt_evidence.services import unpaywall
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import Cancelled

__all__ = ["COLUMNS", "FILE", "find_free_texts", "free_texts"]

FILE = "free_texts.csv"
COLUMNS = ("key", "doi", "url", "version", "licence", "checked")


def free_texts(folder: Path) -> dict[str, str]:
    """Address of the free copy of each reference, by its key; those that have one."""
    rows = read_rows(living_folder(folder) / FILE, COLUMNS)
    return {row["key"]: row["url"] for row in rows if row["url"]}


def find_free_texts(
    base: EvidenceBase,
    client: Client,
    *,
    progress: Callable[[str, int, int], None] = lambda step, done, total: None,
) -> int:
    """Ask Unpaywall about every reference with a DOI and write what it knows; how many are free.

    What was known about a reference that gets no answer stays.

    Raises
    ------
    ServiceError
        When no contact address is set: nothing is asked then.
    """
    path = living_folder(base.folder) / FILE
    rows = {row["key"]: row for row in read_rows(path, COLUMNS)}
    dois = base.references.dropna(subset=["doi"])[["key", "doi"]].to_dict("records")
    today = client.clock.today().isoformat()
    health = client.health[unpaywall.SERVICE]
    for number, row in enumerate(dois, start=1):
        try:
            found = unpaywall.by_doi(client, row["doi"])
        except Cancelled:
            break
        except ServiceError as error:
            if not client.settings.contact:
                raise
            health.fail(error)
            continue
        health.answer(int(found is not None), 1)
        rows[row["key"]] = {
            "key": row["key"], "doi": row["doi"], "checked": today,
            "url": found.url if found else "", "version": found.version if found else "",
            "licence": found.licence if found else "",
        }  # fmt: skip
        progress("free full text", number, len(dois))
    write_rows(path, COLUMNS, [rows[key] for key in sorted(rows)])
    log_run(base.folder, "free_texts", today, {unpaywall.SERVICE: health})
    return sum(bool(row["url"]) for row in rows.values())
