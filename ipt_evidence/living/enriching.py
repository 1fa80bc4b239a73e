"""One run over the references: completed, compared, checked, linked; then logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.integrity import integrity_rows, merged, write_integrity
from ipt_evidence.living.article_check import printed_differences, printed_references
from ipt_evidence.living.corrections import Correction, save
from ipt_evidence.living.files import living_folder, write_rows
from ipt_evidence.living.links import save_links
from ipt_evidence.living.runs import log_run
from ipt_evidence.services.client import Client
from ipt_evidence.services.completion import compare
from ipt_evidence.services.faults import Cancelled
from ipt_evidence.services.integrity import check, reverse_notices
from ipt_evidence.services.lookup import LookUp, look_up
from ipt_evidence.services.settings import SERVICES, Health, Settings
from ipt_evidence.services.works import Notice

__all__ = ["REVIEW_COLUMNS", "REVIEW_FILE", "Enrichment", "enrich"]

REVIEW_FILE = "review.csv"
REVIEW_COLUMNS = ("key", "service", "id", "title", "year", "doi", "score", "reason")
_Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Enrichment:
    """What a run found. ``corrections`` are all that are known now, decisions included."""

    result: LookUp
    corrections: list[Correction]
    integrity: pd.DataFrame
    health: dict[str, Health]
    cancelled: bool = False
    written: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One line a service, then what became of the records."""
        lines = [one.line() for one in self.health.values() if one.asked]
        filled = sum(one.kind == "missing" for one in self.corrections)
        counts = self.integrity["status"].value_counts()
        lines.append(
            f"{filled:,} missing fields found, {len(self.corrections) - filled:,} disagreements, "
            f"{len(self.result.review):,} doubtful matches, {len(self.result.missing):,} records "
            "without an answer"
        )
        lines.append(
            "Integrity: " + ", ".join(f"{status} {count:,}" for status, count in counts.items())
        )
        return lines


def enrich(
    base: EvidenceBase,
    client: Client,
    *,
    services: Sequence[str] = tuple(SERVICES),
    citing: bool = False,
    progress: _Progress = lambda step, done, total: None,
) -> Enrichment:
    """Ask ``services`` about every reference and about the article's printed ones.

    Writes ``integrity.csv`` and, in ``living/``, ``corrections.csv``, ``review.csv``,
    ``links.json`` and the log, each in one step at the end of its part; replies are kept as they
    come, so that a run that is stopped or killed goes on where it was.
    """
    today = client.clock.today().isoformat()
    printed = printed_references(base)
    rows = pd.concat([_askable(base, printed), printed], ignore_index=True)
    result = look_up(
        client, rows, services=services,
        progress=lambda done, total: progress("records", done, total),
    )  # fmt: skip
    reverse: dict[str, tuple[Notice, ...]] = {}
    unasked = set(rows["doi"].dropna())
    if not result.cancelled and "crossref" in services:
        try:
            reverse, unasked = reverse_notices(client, sorted(unasked))
        except Cancelled:
            result.cancelled = True
    corrections = save(base.folder, _differences(base, printed, result, today), _asked(result))
    dois = dict(zip(base.references["key"], base.references["doi"], strict=True))
    checks = [
        check(
            key, result, today, services=services, reverse=reverse.get(doi, ()),
            reverse_failed="crossref" in services and doi in unasked,
        )
        for key, doi in dois.items()
    ]  # fmt: skip
    integrity = merged(base.integrity, integrity_rows(checks), base.references["key"])
    write_integrity(base.folder, integrity)
    _write_review(base, result)
    if "openalex" in services and not result.cancelled:
        save_links(base, client, result.works, citing=citing, progress=progress)
    log_run(
        base.folder, "enrich", today, client.health, cancelled=result.cancelled,
        records=len(rows), missing=len(result.missing),
    )  # fmt: skip
    return Enrichment(result, corrections, integrity, client.health, result.cancelled)


def settings_note(settings: Settings) -> str:
    """As whom the services are asked, in a sentence."""
    if settings.contact:
        return f"The services are told to write to {settings.contact} if something is wrong."
    return "No contact address is set (IPT_EVIDENCE_CONTACT): the services answer more slowly."


def _askable(base: EvidenceBase, printed: pd.DataFrame) -> pd.DataFrame:
    """The base's references; one without title and DOI is sought as the article cites it."""
    cited = {audited.key: f"article:{audited.number}" for audited in base.audit.references}
    rows = base.references.to_dict("records")
    by_key = {row["key"]: row for row in printed.to_dict("records")}
    for row in rows:
        known = isinstance(row["title"], str) or isinstance(row["doi"], str)
        as_cited = by_key.get(cited.get(row["key"], ""))
        if not known and as_cited is not None:
            row.update({name: as_cited[name] for name in ("title", "authors", "et_al", "year")})
    return pd.DataFrame(rows, columns=base.references.columns).astype(
        base.references.dtypes.to_dict()
    )


def _differences(
    base: EvidenceBase, printed: pd.DataFrame, result: LookUp, today: str
) -> list[Correction]:
    found = printed_differences(printed, result.works, today)
    for row in base.references.to_dict("records"):
        ours = {str(name): value for name, value in row.items()}
        found += [
            Correction(
                one.key, one.field, one.kind, one.ours, one.theirs, one.source, one.date,
                ";".join(one.also),
            )
            for one in compare(ours, result.works.get(str(row["key"]), []), today)
        ]  # fmt: skip
    return found


def _asked(result: LookUp) -> set[str]:
    """Keys with an answer: their old differences are replaced, those of others stay."""
    return set(result.works)


def _write_review(base: EvidenceBase, result: LookUp) -> None:
    rows = [
        {
            "key": one.key,
            "service": one.work.service,
            "id": one.work.id,
            "title": one.work.record.title,
            "year": one.work.record.year,
            "doi": one.work.record.doi,
            "score": f"{one.score:.2f}",
            "reason": one.reason,
        }
        for one in sorted(result.review, key=lambda one: -one.score)
    ]
    write_rows(living_folder(base.folder) / REVIEW_FILE, REVIEW_COLUMNS, rows)
