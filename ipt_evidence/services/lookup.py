"""Many records → what the services say about them, in batches, resumable.

A record is asked for by DOI, else by PubMed identifier, else by title, author and year. What an
identifier leads to must still look like the record; what a title leads to must score `ACCEPT`.
Everything else goes to a review list with its score and reason.

"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ipt_evidence.citations.identifiers import normal_doi, normal_pmid
from ipt_evidence.errors import ServiceError
from ipt_evidence.services import crossref, europe_pmc, openalex, pubmed
from ipt_evidence.services.client import Client
from ipt_evidence.services.completion import ACCEPT, REVIEW, score
from ipt_evidence.services.faults import (
    Cancelled,
    ChangedShape,
    NotFound,
    Refused,
    TooLarge,
    Unauthorised,
    Unreadable,
)
from ipt_evidence.services.settings import LOOKED_UP, SERVICES
from ipt_evidence.services.works import Page, Work

__all__ = ["UNKNOWN", "Doubtful", "LookUp", "Step", "look_up", "pages"]

_Fetch = Callable[[Client, Sequence[str]], Page]
_BY_DOI: dict[str, _Fetch] = {
    "crossref": crossref.by_doi,
    "openalex": openalex.by_doi,
    "pubmed": pubmed.by_doi,
    "europe_pmc": europe_pmc.by_doi,
}
_BY_PMID: dict[str, _Fetch] = {
    "openalex": openalex.by_pmid,
    "pubmed": pubmed.by_pmid,
    "europe_pmc": europe_pmc.by_pmid,
}
_BY_TITLE: dict[str, Callable[[Client, str, str, int | None], Page]] = {
    "crossref": crossref.by_title,
    "openalex": openalex.by_title,
    "pubmed": pubmed.by_title,
    "europe_pmc": europe_pmc.by_title,
}
_HALVED = (Refused, TooLarge, Unreadable, ChangedShape)  # one bad record may spoil a batch
UNKNOWN = "no service knows it"
_REFUSALS = 8  # single records refused in a row: it is not the records
_ANOTHER_PAPER = 0.5  # what a DOI leads to and looks less like the record than this is doubted


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A work that may be the one that was meant: a person should look."""

    key: str
    work: Work
    score: float
    reason: str


@dataclass(slots=True)
class LookUp:
    """What was found. Every key that was asked for is in ``works``, ``missing`` or ``failed``.

    ``works`` holds each key's works, one a service, in the services' order; ``missing`` says why a
    key has none; ``failed`` names the services that gave no answer about a key, and why.
    """

    works: dict[str, list[Work]] = field(default_factory=dict)
    review: list[Doubtful] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    failed: dict[str, dict[str, str]] = field(default_factory=dict)
    cancelled: bool = False


def look_up(
    client: Client,
    citations: pd.DataFrame,
    *,
    services: Sequence[str] = LOOKED_UP,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> LookUp:
    """Ask ``services`` about every row of ``citations``.

    ``progress`` is called with the number of questions answered and the number there are in all.
    A service that fails does not stop the others: see ``failed`` and the client's ``health``. When
    the reader stops it, what was answered is given back, and the client's cache of replies lets the
    next run go on from there.
    """
    run = _Run(client, citations.to_dict("records"), progress)
    run.total = len(run.rows) * len(services)
    try:
        for service in services:
            run.ask(service)
    except Cancelled:
        run.result.cancelled = True
    for row in run.rows:
        key = str(row["key"])
        if key not in run.result.works and key not in run.result.failed:
            run.result.missing[key] = _why_missing(row, run.result)
    return run.result


def _why_missing(row: Mapping[str, Any], result: LookUp) -> str:
    if result.cancelled:
        return "the run was stopped before it was asked for"
    if any(doubtful.key == row["key"] for doubtful in result.review):
        return "what was found is too unlike it; it is on the review list"
    if not (_doi(row) or _pmid(row) or isinstance(row.get("title"), str)):
        return "it has no DOI, no PubMed identifier and no title to look for"
    return UNKNOWN


class _Run:
    """The state of one look-up."""

    def __init__(
        self,
        client: Client,
        rows: list[dict[Any, Any]],
        progress: Callable[[int, int], None],
    ) -> None:
        self.client, self.rows, self.progress = client, rows, progress
        self.result = LookUp()
        self.refused: Counter[str] = Counter()
        self.done = self.total = 0

    def ask(self, service: str) -> None:
        """Put every row to one service: by DOI, by PMID, then by title, each by itself."""
        by_doi: dict[str, list[dict[Any, Any]]] = {}
        by_pmid: dict[str, list[dict[Any, Any]]] = {}
        by_title: list[dict[Any, Any]] = []
        for row in self.rows:
            doi, pmid = _doi(row), _pmid(row)
            if doi:
                by_doi.setdefault(doi, []).append(row)
            elif pmid and service in _BY_PMID:
                by_pmid.setdefault(pmid, []).append(row)
            elif isinstance(row.get("title"), str):
                by_title.append(row)
            else:
                self._step(1)
        self._batches(service, _BY_DOI[service], "doi", by_doi)
        if service in _BY_PMID:
            self._batches(service, _BY_PMID[service], "pmid", by_pmid)
        for row in by_title:
            self._by_title(service, row)

    def _batches(
        self, service: str, fetch: _Fetch, kind: str, rows: dict[str, list[dict[Any, Any]]]
    ) -> None:
        names = sorted(rows)
        size = SERVICES[service].batch
        for start in range(0, len(names), size):
            self._batch(service, fetch, kind, names[start : start + size], rows)

    def _batch(
        self,
        service: str,
        fetch: _Fetch,
        kind: str,
        names: list[str],
        rows: dict[str, list[dict[Any, Any]]],
    ) -> None:
        """Ask for one batch; a batch that a service cannot take is halved until it can."""
        try:
            page = fetch(self.client, names)
        except Cancelled:
            raise
        except NotFound:
            page = Page()
        except ServiceError as error:
            halved = isinstance(error, _HALVED) and not isinstance(error, Unauthorised)
            if halved and len(names) > 1:
                half = len(names) // 2
                self._batch(service, fetch, kind, names[:half], rows)
                self._batch(service, fetch, kind, names[half:], rows)
                return
            self.refused[service] += halved
            if self.refused[service] >= _REFUSALS:
                self.client.leave_alone(service, error)
            self._fail(service, [row for name in names for row in rows[name]], error, names)
            return
        self.refused[service] = 0
        found = {name: work for work in page.works if (name := getattr(work.record, kind))}
        answers = {name: found.get(name) for name in names}
        if page.unreadable:  # which of the missing ones were unreadable cannot be told
            lost = [name for name, work in answers.items() if work is None]
            answers = {name: work for name, work in answers.items() if work is not None}
            broken = ChangedShape("; ".join(dict.fromkeys(page.unreadable))[:300])
            self._fail(service, [row for name in lost for row in rows[name]], broken, lost)
        known = sum(work is not None for work in answers.values())
        self.client.health[service].answer(known, len(answers))
        for name, work in answers.items():
            self._take(rows[name], work)

    def _by_title(self, service: str, row: dict[Any, Any]) -> None:
        author = row["authors"][0]["family"] if row.get("authors") else ""
        year = int(row["year"]) if pd.notna(row.get("year")) else None
        try:
            page = _BY_TITLE[service](self.client, row["title"], author, year)
        except Cancelled:
            raise
        except ServiceError as error:
            self._fail(service, [row], error, [row["key"]])
            return
        matches = [(score(row, work.record), work) for work in page.works]
        best = max(matches, key=lambda pair: pair[0].score, default=None)
        accepted = best is not None and best[0].score >= ACCEPT
        self.client.health[service].answer(int(accepted), 1)
        self._step(1)
        if best is None:
            return
        match, work = best
        key = str(row["key"])
        if accepted:
            self.result.works.setdefault(key, []).append(work)
        elif match.score >= REVIEW:
            self.result.review.append(Doubtful(key, work, match.score, match.reason))

    def _take(self, rows: list[dict[Any, Any]], work: Work | None) -> None:
        self._step(len(rows))
        if work is None:
            return
        for row in rows:
            match = score(row, work.record)
            known = isinstance(row.get("title"), str) and work.record.title
            if known and match.score < _ANOTHER_PAPER:
                reason = f"its identifier leads to another title: {match.reason}"
                self.result.review.append(Doubtful(str(row["key"]), work, match.score, reason))
            else:
                self.result.works.setdefault(str(row["key"]), []).append(work)

    def _fail(
        self,
        service: str,
        rows: list[dict[Any, Any]],
        error: ServiceError,
        names: Sequence[str],
    ) -> None:
        self.client.health[service].fail(error, len(names))
        self._step(len(rows))
        for row in rows:
            self.result.failed.setdefault(str(row["key"]), {})[service] = str(error)

    def _step(self, rows: int) -> None:
        self.done += rows
        self.progress(self.done, self.total)


def _doi(row: Mapping[str, Any]) -> str | None:
    value = row.get("doi")
    return normal_doi(value) if isinstance(value, str) else None


def _pmid(row: Mapping[str, Any]) -> str | None:
    value = row.get("pmid")
    return normal_pmid(value) if isinstance(value, str) else None


_SEARCH: dict[str, Callable[[Client, str, str, str], Page]] = {
    "crossref": crossref.search,
    "openalex": openalex.search,
    "pubmed": pubmed.search,
    "europe_pmc": europe_pmc.search,
}
MAX_PAGES = 200
"""More pages of 100 than this is not a search for trials of one therapy, but a mistake."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page, and the cursor of the next; the last page has none."""

    page: Page
    cursor: str


def pages(
    client: Client, service: str, query: str, since: str, *, cursor: str = "", most: int = 0
) -> Iterator[Step]:
    """Pages of a search from ``cursor`` on, up to ``most`` records (0: all).

    Raises a `ServiceError` where a page cannot be had; pages that were given before stand.
    """
    given = 0
    for _ in range(MAX_PAGES):
        page = _SEARCH[service](client, query, since, cursor)
        given += len(page.works) + len(page.unreadable)
        after = page.cursor if page.cursor != cursor and (not most or given < most) else ""
        yield Step(page, after)
        if not after:
            return
        cursor = after
