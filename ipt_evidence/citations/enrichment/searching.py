"""A documented search → all its records, page after page, from any page on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ipt_evidence.citations.enrichment import crossref, europe_pmc, openalex, pubmed
from ipt_evidence.citations.enrichment.client import Client
from ipt_evidence.citations.enrichment.works import Page

__all__ = ["Step", "pages"]

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
