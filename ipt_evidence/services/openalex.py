"""OpenAlex: an open index of everything that is cited, with links both ways.

Replies are documented at https://developers.openalex.org.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ipt_evidence.citations.identifiers import find_doi, normal_pmcid, registry_ids_in
from ipt_evidence.citations.normal_forms import date_of, page_range, reading_text
from ipt_evidence.citations.people import parse_names
from ipt_evidence.citations.readers.csl_json import csl_type
from ipt_evidence.citations.readers.fields import BY_COLUMN, build_record
from ipt_evidence.citations.records import Person, Record
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import ChangedShape, NotFound
from ipt_evidence.services.works import (
    Page,
    Work,
    inner,
    inner_list,
    reply_list,
    text,
    texts,
    whole,
)

__all__ = [
    "by_doi",
    "by_id",
    "by_pmid",
    "by_title",
    "citing",
    "parse_work",
    "parse_works",
    "search",
]

SERVICE = "openalex"
_FIELDS = (
    "id,doi,title,display_name,publication_year,publication_date,ids,language,primary_location,"
    "type,type_crossref,authorships,biblio,is_retracted,cited_by_count,referenced_works,"
    "abstract_inverted_index"
)
_TYPES = {"preprint": "unpublished", "book-chapter": "incollection", "review": "article"}
_MAX_WORDS = 20_000
_UNSAFE = frozenset(",|")  # signs that mean something in a filter


def parse_works(reply: dict[str, Any]) -> Page:
    """The works of a list reply. Raises ChangedShape when it has no list of results."""
    items = reply_list(reply, "results", service="OpenAlex")
    meta = inner(reply, "meta")
    return Page.of(items, parse_work, meta.get("count", len(items)), meta.get("next_cursor"))


def parse_work(item: Any) -> Work:
    """One work. Raises ChangedShape when it has no identifier, or nothing that names it."""
    if not isinstance(item, dict):
        raise ChangedShape("OpenAlex: a result is no object")
    name = _short(text(item, "id"))
    if not name:
        raise ChangedShape("OpenAlex: a result has no id")
    title = reading_text(text(item, "title") or text(item, "display_name"))
    year, date = date_of(text(item, "publication_date"), str(item.get("publication_year") or ""))
    if title is None and year is None:
        raise ChangedShape(f"OpenAlex: the work {name} has neither title nor year")
    retracted = item.get("is_retracted")
    return Work(
        service=SERVICE,
        id=name,
        record=_record(item, name, title, year, date),
        retracted=retracted if isinstance(retracted, bool) else None,
        types=(text(item, "type"),),
        references=tuple(map(_short, texts(item.get("referenced_works")))),
        cited_by=whole(item.get("cited_by_count")),
    )


def _record(
    item: dict[str, Any], name: str, title: str | None, year: int | None, date: str | None
) -> Record:
    ids, biblio = inner(item, "ids"), inner(item, "biblio")
    source = inner(inner(item, "primary_location"), "source")
    kind = text(item, "type_crossref") or text(item, "type")
    fields = {
        "container_title": text(source, "display_name"),
        "volume": text(biblio, "volume"),
        "issue": text(biblio, "issue"),
        "pmid": text(ids, "pmid"),
        "abstract": _abstract(item.get("abstract_inverted_index")),
        "language": text(item, "language"),
        "issn": text(source, "issn_l"),
    }
    record = build_record(
        fields,
        1,
        BY_COLUMN,
        raw={},
        key=name,
        type=_TYPES.get(text(item, "type")) or csl_type(kind),
        title=title,
        authors=_authors(item),
        year=year,
        date=date,
        pages=page_range(text(biblio, "first_page"), text(biblio, "last_page")),
        doi=find_doi(text(item, "doi") or text(ids, "doi")),
        pmcid=_pmcid(text(ids, "pmcid")),
    )
    record.registry_ids = registry_ids_in(title, record.abstract)
    return record


def by_doi(client: Client, dois: Sequence[str]) -> Page:
    """Works with these DOIs, up to 100, in one question."""
    return _filtered(client, "doi", dois)


def by_pmid(client: Client, pmids: Sequence[str]) -> Page:
    """Works with these PubMed identifiers, up to 100, in one question."""
    return _filtered(client, "pmid", pmids)


def by_id(client: Client, ids: Sequence[str]) -> Page:
    """Works with these identifiers of OpenAlex's own, up to 100, in one question."""
    return _filtered(client, "openalex", ids)


def by_title(client: Client, title: str, author: str, year: int | None) -> Page:
    """The five works that OpenAlex finds nearest to a title; author and year are for the score."""
    words = "".join(sign if sign.isalnum() else " " for sign in title)
    params = {"filter": f"title.search:{' '.join(words.split())}", "per-page": "5"}
    return parse_works(client.json(SERVICE, "works", {**params, "select": _FIELDS}))


def citing(client: Client, ids: Sequence[str], cursor: str = "") -> Page:
    """One page of works that cite any of ``ids`` (``W...``)."""
    params = {"filter": f"cites:{'|'.join(ids)}", "per-page": "100", "cursor": cursor or "*"}
    return parse_works(client.json(SERVICE, "works", {**params, "select": _FIELDS}))


def search(client: Client, query: str, since: str, cursor: str) -> Page:
    """One page of works whose title or abstract fits ``query``, published since an ISO date."""
    params = {"search.title_and_abstract": query, "per-page": "100", "cursor": cursor or "*"}
    if since:
        params["filter"] = f"from_publication_date:{since}"
    return parse_works(client.json(SERVICE, "works", {**params, "select": _FIELDS}))


def _filtered(client: Client, name: str, values: Sequence[str]) -> Page:
    plain = [value for value in values if not set(value) & _UNSAFE]
    page = Page()
    if plain:
        params = {"filter": f"{name}:{'|'.join(plain)}", "per-page": str(len(plain))}
        page = parse_works(client.json(SERVICE, "works", {**params, "select": _FIELDS}))
    for value in values:
        if set(value) & _UNSAFE:
            try:
                address = f"works/{name}:{quote(value, safe='')}"
                page.works.append(parse_work(client.json(SERVICE, address, {"select": _FIELDS})))
            except NotFound:
                continue
    return page


def _short(address: str) -> str:
    """``W123`` of ``https://openalex.org/W123``."""
    return address.rstrip("/").rpartition("/")[2]


def _pmcid(text: str) -> str | None:
    digits = _short(text)
    return normal_pmcid(f"PMC{digits}" if digits.isdigit() else text)


def _authors(item: dict[str, Any]) -> list[Person]:
    people: list[Person] = []
    for entry in inner_list(item, "authorships"):
        if name := text(inner(entry, "author"), "display_name"):
            people += parse_names(name.replace(" and ", " & "))[0]
    return people


def _abstract(index: Any) -> str:
    """The text of an inverted index (word → places); empty where there is none to read."""
    if not isinstance(index, dict):
        return ""
    placed = [
        (place, word)
        for word, places in index.items()
        for place in (places if isinstance(places, list) else ())
        if isinstance(place, int)
    ]
    return " ".join(word for _, word in sorted(placed)) if len(placed) <= _MAX_WORDS else ""
