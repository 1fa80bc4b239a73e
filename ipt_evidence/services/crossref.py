"""Crossref: the publishers' own records, with their notices of retraction and correction.

Replies are documented at https://api.crossref.org/swagger-ui/; items are CSL-JSON with additions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ipt_evidence.citations.identifiers import find_doi, registry_ids_in
from ipt_evidence.citations.normal_forms import iso_date
from ipt_evidence.citations.readers.csl_json import read_csl_json
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import ChangedShape, NotFound
from ipt_evidence.services.works import (
    Notice,
    Page,
    Work,
    inner,
    inner_list,
    objects,
    reply_list,
    text,
    whole,
)

__all__ = [
    "by_doi",
    "by_title",
    "notices_about",
    "parse_item",
    "parse_work",
    "parse_works",
    "search",
]

SERVICE = "crossref"
_KINDS = {
    "retraction": "retraction",
    "partial_retraction": "retraction",
    "removal": "retraction",
    "withdrawal": "retraction",
    "expression_of_concern": "concern",
    "correction": "correction",
    "corrigendum": "correction",
    "erratum": "correction",
    "clarification": "correction",
    "addendum": "correction",
}
_READ = (
    "DOI", "type", "title", "subtitle", "author", "editor", "issued", "published-print",
    "published", "container-title", "volume", "issue", "page", "article-number", "abstract",
    "language", "ISSN", "URL",
)  # fmt: skip
_UNSAFE = frozenset(",|:\"'<>")  # signs that mean something in a filter


def parse_work(reply: dict[str, Any]) -> Page:
    """The one work of a reply to ``/works/{doi}``. Raises ChangedShape when it holds none."""
    work = parse_item(objects(reply, "message", service="Crossref"))
    return Page([work], 1)


def parse_works(reply: dict[str, Any]) -> Page:
    """The works of a reply to ``/works?...``. Raises ChangedShape when it has no list of items."""
    items = reply_list(reply, "message", "items", service="Crossref")
    message = reply["message"]
    return Page.of(items, parse_item, message.get("total-results"), message.get("next-cursor"))


def parse_item(item: Any) -> Work:
    """One item. Raises ChangedShape when it has no DOI, or nothing that names a publication."""
    if not isinstance(item, dict):
        raise ChangedShape("Crossref: an item is no object")
    doi = find_doi(text(item, "DOI"))
    if doi is None:
        raise ChangedShape("Crossref: an item has no DOI")
    read = read_csl_json(json.dumps([{name: item[name] for name in _READ if item.get(name)}]))
    if not read.records:
        raise ChangedShape(f"Crossref: the item {doi} cannot be read")
    record = read.records[0]
    if record.title is None and record.year is None and not record.authors:
        raise ChangedShape(f"Crossref: the item {doi} has neither title, authors nor date")
    record.raw = {}
    trials = " ".join(
        text(one, "clinical-trial-number") for one in inner_list(item, "clinical-trial-number")
    )
    record.registry_ids = list(
        dict.fromkeys([*record.registry_ids, *registry_ids_in(trials.upper())])
    )
    notices = tuple(_notice(one) for one in inner_list(item, "updated-by") if _known(one))
    return Work(
        service=SERVICE,
        id=doi,
        record=record,
        retracted=any(notice.kind == "retraction" for notice in notices) or None,
        notices=notices,
        updates=tuple(
            (_KINDS[text(one, "type")], found)
            for one in inner_list(item, "update-to")
            if _known(one) and (found := find_doi(text(one, "DOI")))
        ),
        versions=_versions(item),
        types=(text(item, "type"),),
        references=tuple(
            cited for one in inner_list(item, "reference") if (cited := find_doi(text(one, "DOI")))
        ),
        cited_by=whole(item.get("is-referenced-by-count")),
    )


def by_doi(client: Client, dois: Sequence[str]) -> Page:
    """Works with these DOIs, in one question; one whose DOI no filter can hold has its own."""
    plain = [doi for doi in dois if not _UNSAFE & set(doi)]
    page = Page()
    if plain:
        filters = ",".join(f"doi:{doi}" for doi in plain)
        reply = client.json(SERVICE, "works", {"filter": filters, "rows": str(len(plain))})
        page = parse_works(reply)
    for doi in dois:
        if _UNSAFE & set(doi):
            try:
                page.works += parse_work(
                    client.json(SERVICE, f"works/{quote(doi, safe='')}", {})
                ).works
            except NotFound:
                continue
    return page


def by_title(client: Client, title: str, author: str, year: int | None) -> Page:
    """The five works that Crossref finds nearest to a title, an author and a year."""
    query = " ".join(filter(None, (title, author, str(year) if year else "")))
    return parse_works(client.json(SERVICE, "works", {"query.bibliographic": query, "rows": "5"}))


def notices_about(client: Client, dois: Sequence[str]) -> Page:
    """Works that say of themselves that they correct or retract any of ``dois``.

    The reverse look-up: publishers often register a notice without touching the paper's record.
    """
    plain = [doi for doi in dois if not _UNSAFE & set(doi)]
    if not plain:
        return Page()
    filters = ",".join(f"updates:{doi}" for doi in plain)
    return parse_works(client.json(SERVICE, "works", {"filter": filters, "rows": "200"}))


def search(client: Client, query: str, since: str, cursor: str) -> Page:
    """One page of works that fit ``query`` and were made known from ``since`` (ISO date) on."""
    params = {"query.bibliographic": query, "rows": "100", "cursor": cursor or "*"}
    if since:
        params["filter"] = f"from-created-date:{since}"
    page = parse_works(client.json(SERVICE, "works", params))
    if not page.works and not page.unreadable:
        page.cursor = ""  # Crossref gives a cursor for ever
    return page


def _notice(entry: dict[str, Any]) -> Notice:
    return Notice(
        kind=_KINDS[text(entry, "type")],
        said_by=SERVICE,
        doi=find_doi(text(entry, "DOI")) or "",
        date=_date(entry.get("updated")),
        text=text(entry, "label"),
    )


def _known(entry: dict[str, Any]) -> bool:
    return text(entry, "type") in _KINDS


def _date(value: Any) -> str:
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    if not isinstance(first, list) or not first or not first[0]:
        return ""
    return iso_date("-".join(str(part) for part in first[:3] if part)) or ""


def _versions(item: dict[str, Any]) -> dict[str, str]:
    relation = inner(item, "relation")
    found: dict[str, str] = {}
    for name, kind in (("has-preprint", "preprint"), ("is-preprint-of", "published")):
        for entry in inner_list(relation, name):
            if doi := find_doi(text(entry, "id")):
                found.setdefault(kind, doi)
    return found
