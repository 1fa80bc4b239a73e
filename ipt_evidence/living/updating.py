"""Searches since the last time → candidates. Stopped or killed, it goes on where it was.

Each page that arrives is one line of ``living/update.jsonl``, on disk before the next is asked
for. When all searches are through, or have failed, the lines become candidates in one step, the
run is logged, and the lines are removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from ipt_evidence.citations.collecting import Collector, LoadResult
from ipt_evidence.citations.records import ReadResult
from ipt_evidence.errors import ServiceError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.intake import assess
from ipt_evidence.living import candidates as queue
from ipt_evidence.living.candidates import Candidate, candidate_id
from ipt_evidence.living.files import append_line, living_folder, read_lines
from ipt_evidence.living.queries import Query, load_queries
from ipt_evidence.living.runs import last_search, log_run
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import Cancelled
from ipt_evidence.services.lookup import pages
from ipt_evidence.services.ranking import rank
from ipt_evidence.services.settings import Health
from ipt_evidence.services.works import Work

__all__ = ["PROGRESS", "Update", "update"]

PROGRESS = "update.jsonl"
_Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Update:
    """What a run found. ``counts`` are those of a PRISMA 2020 flow; see `flow`."""

    counts: dict[str, int]
    candidates: list[Candidate]
    health: dict[str, Health]
    finished: list[str] = field(default_factory=list)
    unfinished: dict[str, str] = field(default_factory=dict)
    cancelled: bool = False

    def lines(self) -> list[str]:
        """One line a service, then what became of the records."""
        lines = [one.line() for one in self.health.values() if one.asked]
        lines += [f"{name} is unfinished: {why}" for name, why in self.unfinished.items()]
        if not self.cancelled:
            lines.append(
                f"{self.counts['found']:,} records found: {self.counts['repeated']:,} twice, "
                f"{self.counts['in_base']:,} in the base already, {self.counts['known']:,} seen "
                f"before, {self.counts['new']:,} new candidates"
            )
        return lines


def update(
    base: EvidenceBase,
    client: Client,
    *,
    queries: Sequence[Query] | None = None,
    progress: _Progress = lambda step, done, total: None,
) -> Update:
    """Search with every documented string since it was last used, and queue what is new."""
    asked = list(load_queries(base.folder) if queries is None else queries)
    lines = living_folder(base.folder) / PROGRESS
    result = Update({}, [], client.health)
    for number, query in enumerate(asked):
        progress(query.id, number, len(asked))
        try:
            _search(base, client, query, lines, progress)
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
    result.candidates, result.counts = _queue(base, works, today)
    log_run(
        base.folder, "update", today, client.health, finished=result.finished,
        unfinished=result.unfinished, counts=result.counts,
    )  # fmt: skip
    lines.unlink(missing_ok=True)
    return result


def _search(
    base: EvidenceBase, client: Client, query: Query, lines: Path, progress: _Progress
) -> None:
    """Ask for the pages that are not on disk yet."""
    since = last_search(base.folder, query.id) or query.since
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
    intake = assess(base, [_loaded(works)])
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


def _loaded(works: list[tuple[str, Work]]) -> LoadResult:
    collector = Collector()
    collector.begin("update", "services", "", "")
    collector.take(ReadResult([work.record for _, work in works]))
    collector.end()
    return collector.result()


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
