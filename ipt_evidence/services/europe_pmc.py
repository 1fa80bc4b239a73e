"""Europe PMC: PubMed's records and preprints, searchable by anything.

Documented at https://europepmc.org/RestfulWebService.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipt_evidence.citations.identifiers import find_doi, normal_pmid, registry_ids_in
from ipt_evidence.citations.normal_forms import date_of, iso_date, reading_text
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.fields import BY_COLUMN, build_record
from ipt_evidence.citations.records import Person, Record
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import ChangedShape
from ipt_evidence.services.works import (
    Notice,
    Page,
    Work,
    inner,
    inner_list,
    reply_list,
    text,
    texts,
    whole,
)

__all__ = ["by_doi", "by_pmid", "by_title", "parse_search", "search"]

SERVICE = "europe_pmc"
_NOTICES = {
    "retraction in": "retraction",
    "partial retraction in": "retraction",
    "expression of concern in": "concern",
    "erratum in": "correction",
    "corrected and republished in": "republication",
}
_UPDATES = {
    "retraction of": "retraction",
    "expression of concern for": "concern",
    "erratum for": "correction",
}
_VERSIONS = {"preprint in": "preprint", "preprint of": "published"}


def parse_search(reply: dict[str, Any]) -> Page:
    """Works of a search reply, lite or core. Raises ChangedShape when it has no results list."""
    items = reply_list(reply, "resultList", "result", service="Europe PMC")
    total, cursor = reply.get("hitCount", len(items)), reply.get("nextCursorMark")
    return Page.of(items, parse_result, total, cursor)


def parse_result(item: Any) -> Work:
    """One result. Raises ChangedShape when it has no identifier or no title."""
    if not isinstance(item, dict):
        raise ChangedShape("Europe PMC: a result is no object")
    name = text(item, "id")
    title = reading_text(text(item, "title"))
    if not name or title is None:
        raise ChangedShape("Europe PMC: a result has no id or no title")
    types = tuple(texts(inner(item, "pubTypeList").get("pubType"))) or tuple(
        filter(None, (part.strip() for part in text(item, "pubType").split(";")))
    )
    lowered = {kind.lower() for kind in types}
    notices, updates, versions = _links(item)
    return Work(
        service=SERVICE,
        id=name,
        record=_record(item, name, title, preprint="preprint" in lowered),
        retracted=("retracted publication" in lowered or _retracts(notices)) if types else None,
        notices=notices,
        updates=updates,
        versions=versions,
        types=types,
        cited_by=whole(item.get("citedByCount")),
    )


def _record(item: dict[str, Any], name: str, title: str, *, preprint: bool) -> Record:
    journal_info = inner(item, "journalInfo")
    journal = inner(journal_info, "journal")
    year, date = date_of(
        text(item, "pubYear"),
        text(journal_info, "printPublicationDate") or text(item, "firstPublicationDate"),
    )
    authors, et_al = _authors(item)
    fields = {
        "container_title": text(journal, "title") or text(item, "journalTitle"),
        "volume": text(journal_info, "volume") or text(item, "journalVolume"),
        "issue": text(journal_info, "issue") or text(item, "issue"),
        "pages": text(item, "pageInfo"),
        "pmid": text(item, "pmid"),
        "abstract": text(item, "abstractText"),
        "language": text(item, "language"),
        "pmcid": text(item, "pmcid"),
        "issn": text(journal, "issn") or text(item, "journalIssn"),
    }
    record = build_record(
        fields,
        1,
        BY_COLUMN,
        raw={},
        key=name,
        type="unpublished" if preprint or text(item, "source") == "PPR" else "article",
        title=title[:-1] if title.endswith(".") and not title.endswith("..") else title,
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        doi=find_doi(text(item, "doi")),
        keywords=texts(inner(item, "keywordList").get("keyword")),
    )
    record.registry_ids = registry_ids_in(title, record.abstract)
    return record


def by_doi(client: Client, dois: Sequence[str]) -> Page:
    """Works with these DOIs, in one question."""
    safe = [doi for doi in dois if '"' not in doi]
    return _search(client, " OR ".join(f'DOI:"{doi}"' for doi in safe), len(safe) * 2)


def by_pmid(client: Client, pmids: Sequence[str]) -> Page:
    """Works with these PubMed identifiers, in one question."""
    named = " OR ".join(f"EXT_ID:{pmid}" for pmid in pmids)
    return _search(client, f"({named}) AND SRC:MED", len(pmids))


def by_title(client: Client, title: str, author: str, year: int | None) -> Page:
    """The five works nearest to a title; author and year are for the score."""
    words = "".join(sign if sign.isalnum() else " " for sign in title).split()
    return _search(client, f"TITLE:({' '.join(words)})", 5) if words else Page()


def search(client: Client, query: str, since: str, cursor: str) -> Page:
    """One page of records that fit ``query`` and were first indexed since an ISO date."""
    if since:
        query = f"({query}) AND FIRST_IDATE:[{since} TO 3000-12-31]"
    page = _search(client, query, 100, cursor or "*")
    if page.cursor == cursor or not (page.works or page.unreadable):
        page.cursor = ""  # the last page gives its own mark again
    return page


def _search(client: Client, query: str, most: int, cursor: str = "*") -> Page:
    if not query:
        return Page()
    params = {"query": query, "resultType": "core", "format": "json", "cursorMark": cursor}
    return parse_search(client.json(SERVICE, "search", {**params, "pageSize": str(max(1, most))}))


def _authors(item: dict[str, Any]) -> tuple[list[Person], bool]:
    people: list[Person] = []
    for entry in inner_list(inner(item, "authorList"), "author"):
        family = text(entry, "lastName")
        given = text(entry, "firstName") or text(entry, "initials")
        corporate = text(entry, "collectiveName") or text(entry, "fullName")
        if family or corporate:
            people.append({"family": family or corporate, "given": given if family else ""})
    if people:
        return people, False
    return people_of(text(item, "authorString").rstrip(".").split(", "))


_Links = tuple[tuple[Notice, ...], tuple[tuple[str, str], ...], dict[str, str]]


def _links(item: dict[str, Any]) -> _Links:
    notices: list[Notice] = []
    updates: list[tuple[str, str]] = []
    versions: dict[str, str] = {}
    for entry in inner_list(inner(item, "commentCorrectionList"), "commentCorrection"):
        kind, reference = text(entry, "type").lower(), text(entry, "reference")
        pmid = normal_pmid(text(entry, "id")) if text(entry, "source") == "MED" else None
        doi = find_doi(reference)
        if kind in _NOTICES:
            date = iso_date(reference) or ""
            notices.append(
                Notice(_NOTICES[kind], SERVICE, doi or "", pmid or "", date, reference[:300])
            )
        elif kind in _UPDATES:
            updates.append((_UPDATES[kind], doi or pmid or ""))
        elif kind in _VERSIONS:
            versions.setdefault(_VERSIONS[kind], doi or pmid or text(entry, "id"))
    return tuple(notices), tuple(updates), versions


def _retracts(notices: tuple[Notice, ...]) -> bool:
    return any(notice.kind == "retraction" for notice in notices)
