"""JSON of services and programs that is no CSL-JSON → CSL items, by the shape of each.

OpenAlex, Europe PMC, DataCite, PubMed's summaries, Semantic Scholar, Scopus, ClinicalTrials.gov,
DOAJ, CORE, Unpaywall, Zotero's own, and lists with fields such as title, authors, journal, year
(RefLib, ASReview).
Crossref's works are CSL but for their wrapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ipt_evidence.citations.identifiers import find_doi
from ipt_evidence.citations.people import given_first, people_of, people_of_cell
from ipt_evidence.citations.readers.nbib import plain_title

__all__ = ["as_csl", "unwrapped"]

Item = dict[str, Any]

_WRAPPINGS = ("message", "data", "result", "record", "work", "article", "_source", "bibjson")
_NO_WORKS = frozenset({"attachment", "note", "annotation"})


def unwrapped(item: Item) -> Iterator[Item]:
    """The works in ``item``: itself, what a reply wraps, or each of PubMed's summaries."""
    for _ in range(len(_WRAPPINGS)):
        if "title" in item or "attributes" in item or "titles" in item:
            break
        inner = next((item[name] for name in _WRAPPINGS if isinstance(item.get(name), dict)), None)
        if inner is None:
            break
        item = inner
    uids = item.get("uids")
    if isinstance(uids, list):
        yield from (one for uid in uids if isinstance(one := item.get(str(uid)), dict))
    else:
        yield item


def as_csl(item: Item) -> Item:
    """``item`` as a CSL item; as it is where it has the shape of none of the others.

    What is no work (an attachment of Zotero's) becomes an empty item.
    """
    if isinstance(item.get("attributes"), dict):
        item = item["attributes"]
    for belongs, shape in _SHAPES:
        if belongs(item):
            return {name: value for name, value in shape(item).items() if value not in (None, "")}
    return item


def _at(item: Any, *path: str | int) -> Any:
    """What stands at ``path`` in nested objects and lists; None where the path breaks off."""
    for step in path:
        if isinstance(item, dict):
            item = item.get(step)
        elif isinstance(item, list) and isinstance(step, int) and step < len(item):
            item = item[step]
        else:
            return None
    return item


def _objects(value: Any) -> list[Item]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value) if isinstance(value, str | int | float) and value is not True else ""


def _pages(first: Any, last: Any) -> str:
    start, end = _text(first), _text(last)
    return f"{start}-{end}" if end and end != start else start


def _given_first(name: Any) -> Item:
    return dict(given_first(_text(name))[0])


def _openalex(item: Item) -> Item:
    place = _at(item, "primary_location", "source") or item.get("host_venue") or {}
    words = item.get("abstract_inverted_index")
    authors = [
        _given_first(_at(one, "author", "display_name") or one.get("raw_author_name"))
        for one in _objects(item.get("authorships"))
    ]
    if item.get("is_authors_truncated") is True:
        authors.append({"family": "others"})
    return {
        "title": item.get("title") or item.get("display_name"),
        "author": authors,
        "issued": {"raw": _text(item.get("publication_date") or item.get("publication_year"))},
        "container-title": _at(place, "display_name"),
        "volume": _at(item, "biblio", "volume"),
        "issue": _at(item, "biblio", "issue"),
        "page": _pages(_at(item, "biblio", "first_page"), _at(item, "biblio", "last_page")),
        "DOI": item.get("doi"),
        "PMID": _at(item, "ids", "pmid"),
        "PMCID": _at(item, "ids", "pmcid"),
        "abstract": item.get("abstract") or _in_order(words),
        "language": item.get("language"),
        "ISSN": _at(place, "issn_l"),
        "URL": _at(item, "primary_location", "landing_page_url"),
        "type": _text(item.get("type_crossref") or item.get("type")),
        "keyword": [_text(one.get("display_name")) for one in _objects(item.get("keywords"))],
    }


_MAX_WORDS = 20_000


def _in_order(places: Any) -> str:
    """The text of OpenAlex's inverted index: word → places at which it stands."""
    if not isinstance(places, dict):
        return ""
    words = {
        place: word
        for word, found in places.items()
        for place in (found if isinstance(found, list) else [])
        if isinstance(place, int)
    }
    return " ".join(words[place] for place in sorted(words)[:_MAX_WORDS])


def _europe_pmc(item: Item) -> Item:
    journal = _at(item, "journalInfo", "journal") or {}
    authors: list[Item] = [
        {
            "family": _text(one.get("lastName") or one.get("collectiveName")),
            "given": _text(one.get("firstName") or one.get("initials")),
        }
        for one in _objects(_at(item, "authorList", "author"))
    ]
    if not authors:
        names = _text(item.get("authorString")).rstrip(". ")
        people, more = people_of(names.split(", "))
        authors = [*map(dict, people), *([{"family": "others"}] if more else [])]
    return {
        "title": plain_title(_text(item.get("title"))),
        "author": authors,
        "issued": {
            "raw": _text(_at(item, "journalInfo", "dateOfPublication") or item.get("pubYear"))
        },
        "published": _text(item.get("firstPublicationDate")),
        "container-title": _at(journal, "title") or item.get("journalTitle"),
        "volume": item.get("journalVolume") or _at(item, "journalInfo", "volume"),
        "issue": item.get("issue") or _at(item, "journalInfo", "issue"),
        "page": item.get("pageInfo"),
        "DOI": item.get("doi"),
        "PMID": item.get("pmid"),
        "PMCID": item.get("pmcid"),
        "abstract": item.get("abstractText"),
        "language": item.get("language"),
        "ISSN": _text(item.get("journalIssn") or _at(journal, "issn") or _at(journal, "essn")),
        "keyword": _at(item, "keywordList", "keyword"),
        "type": "preprint" if item.get("source") == "PPR" else "article",
    }


def _datacite(item: Item) -> Item:
    authors = []
    for one in _objects(item.get("creators")):
        if one.get("familyName"):
            authors.append(
                {"family": _text(one["familyName"]), "given": _text(one.get("givenName"))}
            )
        elif one.get("nameType") == "Organizational":
            authors.append({"literal": _text(one.get("name"))})
        else:
            authors += map(dict, people_of([_text(one.get("name"))])[0])
    abstracts = [
        one.get("description")
        for one in _objects(item.get("descriptions"))
        if one.get("descriptionType") in (None, "Abstract")
    ]
    dates = [one["date"] for one in _objects(item.get("dates")) if one.get("dateType") == "Issued"]
    kinds = item.get("types") or {}
    titles = _objects(item.get("titles"))
    title = next(
        (one["title"] for one in titles if one.get("title") and not one.get("titleType")), ""
    )
    below = [_text(one.get("title")) for one in titles if one.get("titleType") == "Subtitle"]
    inside: Item = next(
        (
            one
            for one in _objects(item.get("relatedItems"))
            if one.get("relationType") == "IsPublishedIn"
        ),
        {},
    )
    container = item.get("container") if _at(item, "container", "title") else None
    place = container or {**inside, "title": _at(inside, "titles", 0, "title")}
    first = _text(_at(place, "firstPage"))
    return {
        "title": ": ".join([_text(title or _at(titles, 0, "title")), *below[:1]]),
        "author": authors,
        "issued": {"raw": _text(dates or item.get("publicationYear"))},
        "published": _text(item.get("publicationYear")),
        "container-title": _at(place, "title"),
        "volume": _at(place, "volume"),
        "issue": _at(place, "issue"),
        "page": _pages(first, _at(place, "lastPage")) if len(first.split()) < 2 else "",
        "DOI": item.get("doi") or item.get("id"),
        "abstract": _text(abstracts),
        "language": item.get("language"),
        "URL": item.get("url"),
        "type": _text(_at(kinds, "citeproc") or _at(kinds, "resourceTypeGeneral")).lower(),
        "keyword": [_text(one.get("subject")) for one in _objects(item.get("subjects"))],
    }


def _summary(item: Item) -> Item:
    ids = {one.get("idtype"): one.get("value") for one in _objects(item.get("articleids"))}
    names = [_text(one.get("name")) for one in _objects(item.get("authors"))]
    place = _text(item.get("elocationid"))
    number = re.search(r"\bpii: (\w{1,9})(?![\w-])", place)
    return {
        "title": plain_title(_text(item.get("title"))),
        "author": [dict(person) for person in people_of(names)[0]],
        "issued": {"raw": _text(item.get("pubdate"))},
        "container-title": item.get("fulljournalname") or item.get("source"),
        "volume": item.get("volume"),
        "issue": item.get("issue"),
        "page": item.get("pages") or (number.group(1) if number else ""),
        "DOI": ids.get("doi") or find_doi(place),
        "PMID": item.get("uid"),
        "PMCID": ids.get("pmc") or ids.get("pmcid"),
        "language": _text(item.get("lang")),
        "ISSN": item.get("issn") or item.get("essn"),
        "type": "article",
    }


def _zotero(item: Item) -> Item:
    if item.get("itemType") in _NO_WORKS:
        return {}
    everyone = _objects(item.get("creators"))
    authors = [one for one in everyone if one.get("creatorType") in (None, "author")] or everyone
    containers = ("publicationTitle", "bookTitle", "proceedingsTitle", "websiteTitle", "series")
    return {
        "citation-key": item.get("citationKey") or item.get("key"),
        "title": item.get("title"),
        "author": [
            {"family": _text(one["lastName"]), "given": _text(one.get("firstName"))}
            if one.get("lastName")
            else {"literal": _text(one.get("name"))}
            for one in authors
        ],
        "issued": {"raw": _text(item.get("date"))},
        "container-title": next((item[name] for name in containers if item.get(name)), None),
        "volume": item.get("volume"),
        "issue": item.get("issue"),
        "page": item.get("pages"),
        "DOI": item.get("DOI"),
        "abstract": item.get("abstractNote"),
        "language": item.get("language"),
        "ISSN": item.get("ISSN"),
        "URL": item.get("url"),
        "note": item.get("extra"),
        "type": _ZOTERO_TYPES.get(_text(item.get("itemType")), "misc"),
        "keyword": [
            _text(one.get("tag")) if isinstance(one, dict) else _text(one)
            for one in item.get("tags") or []
        ]
        if isinstance(item.get("tags"), list)
        else None,
    }


_ZOTERO_TYPES = {
    "journalArticle": "article-journal",
    "magazineArticle": "article-magazine",
    "newspaperArticle": "article-newspaper",
    "book": "book",
    "bookSection": "chapter",
    "conferencePaper": "paper-conference",
    "thesis": "thesis",
    "report": "report",
    "manuscript": "manuscript",
    "preprint": "preprint",
    "patent": "patent",
    "dataset": "dataset",
    "computerProgram": "software",
    "webpage": "webpage",
    "blogPost": "post-weblog",
    "encyclopediaArticle": "entry-encyclopedia",
}


def _scopus(item: Item) -> Item:
    return {
        "title": item.get("dc:title"),
        "author": [dict(one) for one in people_of_cell(_text(item.get("dc:creator")))[0]],
        "issued": {"raw": _text(item.get("prism:coverDate"))},
        "container-title": item.get("prism:publicationName"),
        "volume": item.get("prism:volume"),
        "issue": item.get("prism:issueIdentifier"),
        "page": item.get("prism:pageRange") or item.get("article-number"),
        "DOI": item.get("prism:doi"),
        "PMID": item.get("pubmed-id"),
        "ISSN": item.get("prism:issn") or item.get("prism:eIssn"),
        "abstract": item.get("dc:description"),
        "type": "article" if item.get("prism:aggregationType") == "Journal" else "misc",
    }


def _trial(item: Item) -> Item:
    parts = item["protocolSection"]
    names = _at(parts, "identificationModule") or {}
    number = _text(_at(names, "nctId"))
    return {
        "title": _at(names, "briefTitle") or _at(names, "officialTitle"),
        "issued": {"raw": _text(_at(parts, "statusModule", "studyFirstPostDateStruct", "date"))},
        "abstract": _at(parts, "descriptionModule", "briefSummary"),
        "keyword": _at(parts, "conditionsModule", "conditions"),
        "note": number,
        "URL": f"https://clinicaltrials.gov/study/{number}" if number else None,
    }


_JOURNALS = (
    "journal", "journalTitle", "container_title", "venue", "source", "secondary_title",
    "journal_name", "journals",
)  # fmt: skip
_NUMBERS = (("doi", "DOI"), ("pubmed", "PMID"), ("pmid", "PMID"), ("pubmedcentral", "PMCID"))


def _plain(item: Item) -> Item:
    """A list of records with names of fields that programs agree on."""
    low = {name.lower(): value for name, value in item.items()}
    places = (item[name] for name in _JOURNALS if item.get(name))
    journal = next(places, None)
    if isinstance(journal, list):
        journal = next(iter(journal), None)
    inside = journal if isinstance(journal, dict) else {}
    ids = low.get("externalids")
    numbers = {str(k).lower(): v for k, v in ids.items()} if isinstance(ids, dict) else {}
    given = {name: _text(numbers[key]) for key, name in _NUMBERS if numbers.get(key)}
    for one in _objects(low.get("identifier")):
        given |= {name: _text(one.get("id")) for key, name in _NUMBERS if one.get("type") == key}
    for one in _objects(low.get("external_ids")):  # Lens
        given |= {name: _text(one.get("value")) for key, name in _NUMBERS if one.get("type") == key}
    if _text(given.get("PMCID")).isdigit():
        given["PMCID"] = f"PMC{given['PMCID']}"
    volume = low.get("volume") or inside.get("volume")
    two = re.fullmatch(r"(\d+) (\d+)", _text(volume))  # Semantic Scholar: volume and issue
    dates = (
        *("publicationdate", "publisheddate", "date_published", "published_date", "date", "year"),
        *("year_published", "yearpublished", "published"),
    )
    title = _text(low.get("title") or low.get("primary_title"))
    return (
        given
        | {
            "citation-key": _text(low.get("label") or low.get("citekey")),
            "title": title,
            "author": _plain_people(
                low.get("authors") or low.get("author") or low.get("z_authors")
            ),
            "issued": {"raw": next((_text(low[name]) for name in dates if low.get(name)), "")},
            "published": _text(low.get("year") or low.get("year_published")),
            "container-title": _text(inside.get("name") or inside.get("title")) or _text(journal),
            "volume": two.group(1) if two else volume,
            "issue": low.get("issue")
            or low.get("number")
            or inside.get("issue")
            or inside.get("number")
            or (two.group(2) if two else None),
            "page": low.get("pages")
            or low.get("page")
            or inside.get("pages")
            or _pages(low.get("start_page"), low.get("end_page")),
            "abstract": low.get("abstract") or low.get("notes_abstract"),
            "language": _text(low.get("language")),
            "ISSN": _text(
                low.get("issn")
                or low.get("isbn")
                or _numbers(inside.get("issn") or inside.get("issns"))
            ),
            "URL": _text(low.get("url") or low.get("urls")),
            "type": _ZOTERO_TYPES.get(_text(low.get("type")), _text(low.get("type"))) or "article",
            "keyword": low.get("keywords"),
        }
        | {name: _text(low[key]) for key, name in _NUMBERS if low.get(key)}
    )


def _numbers(value: Any) -> Any:
    """ISSNs, also where each is an object with its kind."""
    return [one.get("value") for one in _objects(value)] or value


def _plain_people(value: Any) -> list[Item]:
    if isinstance(value, str):
        people, more = people_of_cell(value)
        return [*map(dict, people), *([{"family": "others"}] if more else [])]
    found: list[Item] = []
    for one in value if isinstance(value, list) else []:
        if isinstance(one, str):
            found.append(_given_first(one))
        elif isinstance(one, dict) and (family := _first(one, "family", "lastName", "last_name")):
            given = _first(one, "given", "firstName", "first_name")
            found.append({"family": family, "given": given})
        elif isinstance(one, dict):
            found.append(_given_first(one.get("name") or one.get("display_name")))
    return found


def _first(item: Item, *names: str) -> str:
    return next((_text(item[name]) for name in names if item.get(name)), "")


def _is_plain(item: Item) -> bool:
    """Whether fields are called as in tables, and none as in CSL."""
    if {"issued", "container-title", "citation-key"} & item.keys() or "title" not in {
        str(name).lower() for name in item
    }:
        return False
    journal = item.get("journal")
    own = {"authors", "Authors", "journal", "externalIds", "record_id", "notes_abstract"}
    own |= {"z_authors", "journal_name"}
    return isinstance(journal, dict) or (bool(own & item.keys()) and "author" not in item)


_SHAPES: tuple[tuple[Callable[[Item], bool], Callable[[Item], Item]], ...] = (
    (lambda item: isinstance(item.get("protocolSection"), dict), _trial),
    (lambda item: "authorships" in item or "publication_year" in item, _openalex),
    (lambda item: "pubYear" in item or "authorString" in item, _europe_pmc),
    (lambda item: isinstance(item.get("titles"), list) and "creators" in item, _datacite),
    (lambda item: "uid" in item and ("pubdate" in item or "sortpubdate" in item), _summary),
    (lambda item: "itemType" in item, _zotero),
    (lambda item: "dc:title" in item, _scopus),
    (_is_plain, _plain),
)
"""How each shape is known, and how it is read; the first that fits counts."""
