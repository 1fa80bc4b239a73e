"""The two runs that ask services: `enrich` completes references, `update` searches for new ones.

`update` goes on where it was stopped or killed: each page that arrives is one line of
``living/update.jsonl``, on disk before the next is asked for. When all searches are through, or
have failed, the lines become candidates in one step, the run is logged, the lines are removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from ipt_evidence.errors import ServiceError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.files import writing
from ipt_evidence.evidence.intake import assess
from ipt_evidence.evidence.integrity import integrity_rows, merged, write_integrity
from ipt_evidence.living import candidates as queue
from ipt_evidence.living.candidates import Candidate, candidate_id, collected
from ipt_evidence.living.corrections import (
    Correction,
    printed_differences,
    printed_references,
    save,
)
from ipt_evidence.living.links import save_links
from ipt_evidence.living.registered import register
from ipt_evidence.living.runs import (
    Query,
    append_line,
    last_search,
    living_folder,
    load_queries,
    log_run,
    read_lines,
    write_rows,
)
from ipt_evidence.services import faults
from ipt_evidence.services.client import Client
from ipt_evidence.services.completion import compare
from ipt_evidence.services.faults import Cancelled
from ipt_evidence.services.integrity import check, reverse_notices
from ipt_evidence.services.lookup import LookUp, look_up, pages
from ipt_evidence.services.ranking import rank
from ipt_evidence.services.settings import LOOKED_UP, SERVICES, Health
from ipt_evidence.services.works import Notice, Work
from ipt_evidence.wording.phrases import numbered

__all__ = ["PROGRESS", "Enrichment", "Update", "enrich", "update"]

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

    @property
    def failed(self) -> bool:
        """Whether services were asked and none answered."""
        return not self.cancelled and nobody_answered(self.health)

    def lines(self) -> list[str]:
        """One line a service, what became of the records, and what to do about silent services."""
        if self.failed:
            return [NOTHING_CHECKED, *_service_lines(self.health)]
        lines = _service_lines(self.health)
        filled = sum(one.kind == "missing" for one in self.corrections)
        counts = self.integrity["status"].value_counts()
        lines.append(
            f"{filled:,} missing fields found, {len(self.corrections) - filled:,} disagreements, "
            f"{len(self.result.review):,} doubtful matches, "
            f"{numbered(len(self.result.missing), 'record')} "
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
    services: Sequence[str] = LOOKED_UP,
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
    reverse, unasked = _reverse(client, set(rows["doi"].dropna()), services, result)
    corrections = save(base.folder, _differences(base, printed, result, today), set(result.works))
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


def _reverse(
    client: Client, dois: set[str], services: Sequence[str], result: LookUp
) -> tuple[dict[str, tuple[Notice, ...]], set[str]]:
    """Notices that name one of ``dois``, and those about which Crossref gave no answer."""
    if not result.cancelled and "crossref" in services:
        try:
            return reverse_notices(client, sorted(dois))
        except Cancelled:
            result.cancelled = True
    return {}, dois


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
        works = result.works.get(str(row["key"]), [])
        found += [Correction.of(one) for one in compare(ours, works, today)]
    return found


def _write_review(base: EvidenceBase, result: LookUp) -> None:
    rows = []
    for one in sorted(result.review, key=lambda one: -one.score):
        work, record = one.work, one.work.record
        found = (work.service, work.id, record.title, record.year, record.doi)
        cells = (one.key, *found, f"{one.score:.2f}", one.reason)
        rows.append(dict(zip(REVIEW_COLUMNS, cells, strict=True)))
    write_rows(living_folder(base.folder) / REVIEW_FILE, REVIEW_COLUMNS, rows)


PROGRESS = "update.jsonl"
NOTHING_CHECKED = "Nothing was checked: no service answered."
NOTHING_SEARCHED = (
    "Nothing was searched: no service answered. Each search stays open and looks from the same day "
    "next time."
)
_NOWHERE = (faults.Unreachable, faults.TimedOut)


def nobody_answered(health: Mapping[str, Health]) -> bool:
    """Whether services were asked and not one of them gave an answer."""
    asked = [one for one in health.values() if one.asked]
    return bool(asked) and all(one.silent for one in asked)


def _service_lines(health: Mapping[str, Health]) -> list[str]:
    """One line a service that was asked; then once for each that was in vain, what to do."""
    asked = [one for one in health.values() if one.asked]
    lines = [one.line() for one in asked]
    lines += [one.left_alone for one in asked if one.left_alone]
    names = {kind.__name__ for kind in _NOWHERE}
    if nobody_answered(health) and all(names & set(one.reasons) for one in asked):
        lines.append(
            "Are you online? Behind a proxy set HTTPS_PROXY; a mirror is named in "
            "IPT_EVIDENCE_PUBMED_URL and its like. Then run it again."
        )
    elif any(one.failed for one in asked):
        lines.append("What was answered is kept: run it again later, and it goes on from there.")
    return lines


@dataclass(slots=True)
class Update:
    """What a run found. ``counts`` are those of a PRISMA 2020 flow; see `flow`."""

    counts: dict[str, int]
    candidates: list[Candidate]
    health: dict[str, Health]
    finished: list[str] = field(default_factory=list)
    unfinished: dict[str, str] = field(default_factory=dict)
    cancelled: bool = False
    since: str | None = None
    registered: int | None = None

    @property
    def failed(self) -> bool:
        """Whether no search could be finished, so that nothing is known of new trials."""
        return not self.cancelled and not self.finished

    def lines(self) -> list[str]:
        """One line a service, what became of the records, and what to do about silent services."""
        if self.failed:
            return [NOTHING_SEARCHED, *_service_lines(self.health)]
        lines = _service_lines(self.health)
        lines += [f"{name} is unfinished: {why}" for name, why in self.unfinished.items()]
        if self.registered is not None:
            lines.append(f"New or changed: {numbered(self.registered, 'registered trial')} of IPT")
        if not self.cancelled:
            lines.append(
                f"{numbered(self.counts['found'], 'record')} found: "
                f"{self.counts['repeated']:,} twice, "
                f"{self.counts['in_base']:,} in the base already, {self.counts['known']:,} seen "
                f"before, {numbered(self.counts['new'], 'new candidate')}"
            )
        return lines


def update(
    base: EvidenceBase,
    client: Client,
    *,
    queries: Sequence[Query] | None = None,
    since: str | None = None,
    progress: _Progress = lambda step, done, total: None,
) -> Update:
    """Search with every documented string since it was last used, and queue what is new.

    ``since`` (an ISO date; empty for all years) looks from another day: earlier, for questions that
    nobody has searched. The next run goes on from today all the same.
    """
    asked = list(load_queries(base.folder) if queries is None else queries)
    lines = living_folder(base.folder) / PROGRESS
    result = Update({}, [], client.health, since=since)
    for number, query in enumerate(asked):
        progress(query.id, number, len(asked))
        try:
            if SERVICES[query.service].records:
                _search(base, client, query, lines, progress, since)
            else:
                result.registered = _register(base, client, query, progress, since)
        except Cancelled:
            result.cancelled = True
            result.unfinished[query.id] = "stopped; the next update goes on from here"
            return result
        except ServiceError as error:
            client.health[query.service].fail(error)
            result.unfinished[query.id] = str(error)
        else:
            result.finished.append(query.id)
    works = _collected(lines)
    today = client.clock.today().isoformat()
    with writing(base.folder):
        result.candidates, result.counts = _queue(base, works, today)
    service = {query.id: query.service for query in asked}
    found_in = Counter(service[query] for query, _ in works if query in service)
    log_run(
        base.folder, "update", today, client.health, finished=result.finished,
        unfinished=result.unfinished, counts=result.counts, found_in=found_in, since=since,
    )  # fmt: skip
    lines.unlink(missing_ok=True)
    return result


def _register(
    base: EvidenceBase, client: Client, query: Query, progress: _Progress, wanted: str | None
) -> int:
    """Ask the registry; its trials are a kind of their own and no candidates."""
    since = wanted if wanted is not None else last_search(base.folder, query.id) or query.since
    found = register(
        base, client, query.query, since,
        progress=lambda done, total: progress(query.id, done, total),
    )  # fmt: skip
    client.health[query.service].answer(1, 1)
    return found


def _search(
    base: EvidenceBase,
    client: Client,
    query: Query,
    lines: Path,
    progress: _Progress,
    wanted: str | None,
) -> None:
    """Ask for the pages that are not on disk yet."""
    since = wanted if wanted is not None else last_search(base.folder, query.id) or query.since
    done = [line for line in read_lines(lines) if line.get("query") == query.id]
    asked_for = (query.query, since)
    mine = [line for line in done if (line.get("text"), line.get("since")) == asked_for]
    if mine and not mine[-1].get("next"):
        client.health[query.service].answer(1, 1)  # finished before the run was stopped
        return
    cursor = str(mine[-1]["next"]) if mine else ""
    had = sum(len(line.get("works", ())) for line in mine)
    most = max(1, query.most - had) if query.most else 0
    for step in pages(client, query.service, query.query, since, cursor=cursor, most=most):
        append_line(
            lines,
            {
                "query": query.id,
                "text": query.query,
                "since": since,
                "next": step.cursor,
                "total": step.page.total,
                "unreadable": step.page.unreadable,
                "works": [work.to_dict() for work in step.page.works],
            },
        )
        had += len(step.page.works)
        progress(query.id, had, max(step.page.total, had))
    client.health[query.service].answer(1, 1)


def _collected(lines: Path) -> list[tuple[str, Work]]:
    """Every record on disk with the search that found it; lines of another shape are left out."""
    found = []
    for line in read_lines(lines):
        for document in line.get("works", ()):
            try:
                found.append((str(line["query"]), Work.from_dict(document)))
            except (KeyError, TypeError):
                continue
    return found


def _queue(
    base: EvidenceBase, works: list[tuple[str, Work]], today: str
) -> tuple[list[Candidate], dict[str, int]]:
    """Candidates with the new ones among them, and the counts of this run."""
    old = {one.candidate_id: one for one in queue.load(base.folder)}
    counts = {"found": len(works), "repeated": 0, "in_base": 0, "known": 0, "new": 0}
    if not works:
        return list(old.values()), counts
    intake = assess(base, [collected(work.record for _, work in works)])
    designs: dict[str, list[str]] = {}
    for tag in intake.tags.loc[intake.tags["kind"] == "design"].to_dict("records"):
        designs.setdefault(tag["key"], []).append(tag["value"])
    rows = intake.records.to_dict("records")
    position = {row["key"]: number for number, row in enumerate(rows)}
    sources: dict[int, list[str]] = {}
    tally: Counter[str] = Counter()
    fresh: dict[str, Candidate] = {}
    for number, (row, (query, work)) in enumerate(zip(rows, works, strict=True)):
        tally[row["status"]] += 1
        if row["status"] in ("repeated", "in_base"):
            if row["status"] == "repeated":
                sources.setdefault(position[row["same_as"]], []).append(query)
            continue
        sources.setdefault(number, []).append(query)
        one = _candidate(row, work, designs.get(row["key"], []), today)
        if one.candidate_id in old or one.candidate_id in fresh:
            counts["known" if one.candidate_id in old else "repeated"] += 1
            continue
        fresh[one.candidate_id] = replace(one, found_in=str(number))
    named = [
        replace(one, found_in=";".join(dict.fromkeys(sources[int(one.found_in)])))
        for one in fresh.values()
    ]
    counts["repeated"] += tally["repeated"]
    counts["in_base"] = tally["in_base"]
    counts["new"] = len(named)
    return queue.save(base.folder, [*old.values(), *named]), counts


def _candidate(row: dict[object, object], work: Work, designs: list[str], today: str) -> Candidate:
    record = work.record
    conditions = row["conditions"]
    listed = conditions if isinstance(conditions, tuple) else ()
    ranking = rank(work, listed, designs)
    names = "; ".join(f"{p['family']}, {p['given']}".rstrip(", ") for p in record.authors)
    return Candidate(
        candidate_id=candidate_id(record),
        score=ranking.score,
        title=record.title or "",
        authors=names,
        year=str(record.year or ""),
        journal=record.container_title or "",
        doi=record.doi or "",
        pmid=record.pmid or "",
        conditions=";".join(listed),
        designs=";".join(designs),
        points=ranking.words(),
        status=str(row["status"]),
        same_as=str(row["same_as"]) if not pd.isna(row["same_as"]) else "",  # type: ignore[call-overload]
        first_seen=today,
    )
