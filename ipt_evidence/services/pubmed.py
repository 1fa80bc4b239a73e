"""PubMed's E-utilities: ``esearch`` finds identifiers, ``efetch`` gives their records.

Documented at https://www.ncbi.nlm.nih.gov/books/NBK25499/. Retractions, concerns and errata stand
in a record's publication types and in its list of comments and corrections.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from ipt_evidence.citations.identifiers import find_doi, normal_pmid
from ipt_evidence.citations.normal_forms import iso_date
from ipt_evidence.citations.readers.pubmed_xml import find_pubmed_xml, read_pubmed_xml
from ipt_evidence.citations.readers.xml_records import XmlFault, elements, parse_element, text_of
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import ChangedShape
from ipt_evidence.services.works import Notice, Page, Work, objects, reply_list

__all__ = ["by_doi", "by_pmid", "by_title", "parse_ids", "parse_records", "search"]

SERVICE = "pubmed"
_ARTICLES = ("PubmedArticle", "PubmedBookArticle")
_NOTICES = {
    "RetractionIn": "retraction",
    "PartialRetractionIn": "retraction",
    "ExpressionOfConcernIn": "concern",
    "ErratumIn": "correction",
    "CorrectedandRepublishedIn": "republication",
    "RetractedandRepublishedIn": "retraction",
}
_UPDATES = {
    "RetractionOf": "retraction",
    "PartialRetractionOf": "retraction",
    "ExpressionOfConcernFor": "concern",
    "ErratumFor": "correction",
}
_VERSIONS = {"UpdateOf": "preprint", "UpdateIn": "published"}  # PubMed links preprints so
_PAGE = 100


def parse_ids(reply: dict[str, Any]) -> tuple[list[str], int]:
    """PubMed identifiers of an ``esearch`` reply (JSON), and how many there are in all.

    Raises ChangedShape when the reply has no list of identifiers, or says that it is an error.
    """
    result = objects(reply, "esearchresult", service="PubMed")
    if isinstance(result.get("ERROR"), str):
        raise ChangedShape(f"PubMed: {result['ERROR'][:200]}")
    ids = reply_list(reply, "esearchresult", "idlist", service="PubMed")
    count = str(result.get("count", ""))
    found = [pmid for one in ids if isinstance(one, str) and (pmid := normal_pmid(one))]
    return found, int(count) if count.isdigit() else len(found)


def parse_records(text: str) -> Page:
    """Works of an ``efetch`` reply (XML). Raises ChangedShape for XML that is no set of records."""
    if find_pubmed_xml(text) is None:
        raise ChangedShape("PubMed: the reply is no set of articles")
    page = Page()
    for _, block, closed in elements(text, _ARTICLES):
        read = read_pubmed_xml(block)
        if not closed or not read.records or read.records[0].pmid is None:
            why = read.rejected[0].reason if read.rejected else "a record breaks off or has no PMID"
            page.unreadable.append(f"PubMed: {why}")
            continue
        record = read.records[0]
        types = tuple(record.raw.get("Article.PublicationTypeList.PublicationType", "").split("\n"))
        record.raw = {}
        try:
            element, _ = parse_element(block)
        except XmlFault as error:
            page.unreadable.append(f"PubMed: {error}")
            continue
        notices, updates, versions = _links(element)
        page.works.append(
            Work(
                service=SERVICE,
                id=record.pmid or "",
                record=record,
                retracted="Retracted Publication" in types
                or any(notice.kind == "retraction" for notice in notices),
                notices=notices,
                updates=updates,
                versions=versions,
                types=types,
            )
        )
    page.total = len(page.works)
    return page


def by_pmid(client: Client, pmids: Sequence[str]) -> Page:
    """Works with these PubMed identifiers, up to 200, in one question."""
    params = {"db": "pubmed", "id": ",".join(pmids), "retmode": "xml"}
    return parse_records(client.xml(SERVICE, "efetch.fcgi", params))


def by_doi(client: Client, dois: Sequence[str]) -> Page:
    """Works with these DOIs: one search, then one fetch."""
    safe = [doi for doi in dois if '"' not in doi]
    return (
        _found(client, " OR ".join(f'"{doi}"[doi]' for doi in safe), len(safe)) if safe else Page()
    )


def by_title(client: Client, title: str, author: str, year: int | None) -> Page:
    """Works with all words of a title in theirs; the year may be off by one."""
    words = "".join(sign if sign.isalnum() else " " for sign in title).split()
    term = f"({' '.join(words)})[ti]" if words else ""
    if year:
        term += f" AND {year - 1}:{year + 1}[dp]"
    return _found(client, term, 5) if words else Page()


def search(client: Client, query: str, since: str, cursor: str) -> Page:
    """One page of records that fit ``query`` and came into PubMed since an ISO date.

    ``cursor`` is the number of records that were given before.
    """
    start = int(cursor) if cursor.isdigit() else 0
    params = {"db": "pubmed", "term": query, "retmode": "json", "retstart": str(start)}
    params["retmax"] = str(_PAGE)
    if since:
        params |= {"datetype": "edat", "mindate": since.replace("-", "/"), "maxdate": "3000"}
    ids, total = parse_ids(client.json(SERVICE, "esearch.fcgi", params))
    page = by_pmid(client, ids) if ids else Page()
    page.total = total
    page.cursor = str(start + len(ids)) if ids and start + len(ids) < total else ""
    return page


def _found(client: Client, term: str, most: int) -> Page:
    params = {"db": "pubmed", "term": term, "retmode": "json", "retmax": str(max(most, 1))}
    ids, _ = parse_ids(client.json(SERVICE, "esearch.fcgi", params))
    return by_pmid(client, ids) if ids else Page()


_Links = tuple[tuple[Notice, ...], tuple[tuple[str, str], ...], dict[str, str]]


def _links(article: Element) -> _Links:
    """Notices about the article, what it is itself a notice about, and its other versions."""
    notices: list[Notice] = []
    updates: list[tuple[str, str]] = []
    versions: dict[str, str] = {}
    for entry in article.iter("CommentsCorrections"):
        kind, source = entry.get("RefType", ""), text_of(entry.find("RefSource"))
        doi = find_doi(source) or ""
        pmid = normal_pmid(text_of(entry.find("PMID"))) or ""
        if kind in _NOTICES:
            date = iso_date(source) or ""
            notices.append(Notice(_NOTICES[kind], SERVICE, doi, pmid, date, source[:300]))
        elif kind in _UPDATES:
            updates.append((_UPDATES[kind], doi or pmid))
        elif kind in _VERSIONS and (doi or pmid):
            versions.setdefault(_VERSIONS[kind], doi or pmid)
    return tuple(notices), tuple(updates), versions
