"""Replies in the shape that the five services document, made from a table of facts.

These are no recordings: they show what a service's reply looks like, and what stands in them is
for tests alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

from service import Asked, Replay, Reply


@dataclass
class Paper:
    """One paper as all four services know it, unless ``unknown_to`` names some."""

    doi: str
    title: str
    authors: tuple[tuple[str, str], ...] = (("Doe", "Jane"),)
    year: int = 2020
    journal: str = "Journal of Examples"
    volume: str = ""
    issue: str = ""
    pages: str = ""
    pmid: str = ""
    type: str = "journal-article"
    abstract: str = ""
    pubmed_types: tuple[str, ...] = ("Journal Article",)
    notices: tuple[tuple[str, str], ...] = ()  # Crossref type, DOI of the notice
    updates: tuple[tuple[str, str], ...] = ()
    pubmed_notices: tuple[tuple[str, str, str], ...] = ()  # RefType, source, PMID
    retracted: bool = False
    openalex: str = ""
    cites: tuple[str, ...] = ()
    unknown_to: tuple[str, ...] = ()
    preprint: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def crossref_item(paper: Paper) -> dict[str, Any]:
    item: dict[str, Any] = {
        "DOI": paper.doi,
        "type": paper.type,
        "title": [paper.title],
        "author": [
            {"family": family, "given": given, "sequence": "first" if n == 0 else "additional"}
            for n, (family, given) in enumerate(paper.authors)
        ],
        "issued": {"date-parts": [[paper.year]]},
        "container-title": [paper.journal],
        "publisher": "Example Press",
        "is-referenced-by-count": 3,
        "reference-count": 0,
        "source": "Crossref",
        "URL": f"https://doi.org/{paper.doi}",
    }
    item |= {k: v for k, v in (("volume", paper.volume), ("issue", paper.issue),
                               ("page", paper.pages)) if v}  # fmt: skip
    if paper.notices:
        item["updated-by"] = [_update(kind, doi) for kind, doi in paper.notices]
    if paper.updates:
        item["update-to"] = [_update(kind, doi) for kind, doi in paper.updates]
    if paper.preprint:
        item["relation"] = {
            "has-preprint": [{"id-type": "doi", "id": paper.preprint, "asserted-by": "object"}]
        }
    return item | paper.extra


def _update(kind: str, doi: str) -> dict[str, Any]:
    return {
        "DOI": doi,
        "type": kind,
        "label": kind.replace("_", " ").capitalize(),
        "source": "publisher",
        "updated": {"date-parts": [[2021, 5, 8]], "date-time": "2021-05-08T00:00:00Z"},
    }


def crossref_list(items: list[dict[str, Any]], total: int | None = None) -> dict[str, Any]:
    return {
        "status": "ok",
        "message-type": "work-list",
        "message-version": "1.0.0",
        "message": {"total-results": len(items) if total is None else total, "items": items},
    }


def openalex_work(paper: Paper) -> dict[str, Any]:
    first, _, last = paper.pages.partition("-")
    words: dict[str, list[int]] = {}
    for place, word in enumerate(paper.abstract.split()):
        words.setdefault(word, []).append(place)
    return {
        "id": f"https://openalex.org/{paper.openalex or 'W' + str(abs(hash(paper.doi)) % 10**9)}",
        "doi": f"https://doi.org/{paper.doi}",
        "title": paper.title,
        "display_name": paper.title,
        "publication_year": paper.year,
        "publication_date": f"{paper.year}-01-01",
        "ids": {"pmid": f"https://pubmed.ncbi.nlm.nih.gov/{paper.pmid}"} if paper.pmid else {},
        "language": "en",
        "primary_location": {"source": {"display_name": paper.journal, "issn_l": "1234-5678"}},
        "type": "article" if paper.type == "journal-article" else paper.type,
        "type_crossref": paper.type,
        "authorships": [
            {"author": {"display_name": f"{given} {family}"}} for family, given in paper.authors
        ],
        "biblio": {
            "volume": paper.volume or None,
            "issue": paper.issue or None,
            "first_page": first or None,
            "last_page": last or None,
        },
        "is_retracted": paper.retracted,
        "cited_by_count": 7,
        "referenced_works": [f"https://openalex.org/{name}" for name in paper.cites],
        "abstract_inverted_index": words or None,
    }


def openalex_list(works: list[dict[str, Any]], cursor: str | None = None) -> dict[str, Any]:
    return {
        "meta": {"count": len(works), "per_page": 100, "next_cursor": cursor},
        "results": works,
        "group_by": [],
    }


def pubmed_article(paper: Paper) -> str:
    e = escape
    people = "".join(
        f"<Author><LastName>{e(f)}</LastName><ForeName>{e(g)}</ForeName></Author>"
        for f, g in paper.authors
    )
    types = "".join(f"<PublicationType>{e(kind)}</PublicationType>" for kind in paper.pubmed_types)
    links = "".join(
        f'<CommentsCorrections RefType="{kind}"><RefSource>{e(source)}</RefSource>'
        f'<PMID Version="1">{pmid}</PMID></CommentsCorrections>'
        for kind, source, pmid in paper.pubmed_notices
    )
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{paper.pmid}</PMID>'
        f"<Article><Journal><JournalIssue><Volume>{e(paper.volume)}</Volume><Issue>"
        f"{e(paper.issue)}</Issue><PubDate><Year>{paper.year}</Year></PubDate></JournalIssue>"
        f"<Title>{e(paper.journal)}</Title></Journal><ArticleTitle>{e(paper.title)}.</ArticleTitle>"
        f"<Pagination><MedlinePgn>{e(paper.pages)}</MedlinePgn></Pagination>"
        f"<Abstract><AbstractText>{e(paper.abstract)}</AbstractText></Abstract>"
        f"<AuthorList CompleteYN='Y'>{people}</AuthorList><Language>eng</Language>"
        f"<PublicationTypeList>{types}</PublicationTypeList></Article>"
        f"<CommentsCorrectionsList>{links}</CommentsCorrectionsList></MedlineCitation>"
        f"<PubmedData><ArticleIdList><ArticleId IdType='pubmed'>{paper.pmid}</ArticleId>"
        f"<ArticleId IdType='doi'>{e(paper.doi)}</ArticleId></ArticleIdList></PubmedData>"
        "</PubmedArticle>"
    )


def pubmed_set(papers: list[Paper]) -> str:
    articles = "".join(map(pubmed_article, papers))
    return f'<?xml version="1.0" ?><PubmedArticleSet>{articles}</PubmedArticleSet>'


def pubmed_ids(ids: list[str], total: int | None = None) -> dict[str, Any]:
    count = str(len(ids) if total is None else total)
    return {"header": {"type": "esearch"}, "esearchresult": {"count": count, "idlist": ids}}


def europe_pmc_result(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.pmid or "PPR1",
        "source": "MED" if paper.pmid else "PPR",
        "pmid": paper.pmid,
        "doi": paper.doi,
        "title": f"{paper.title}.",
        "authorString": ", ".join(f"{f} {g[:1]}" for f, g in paper.authors) + ".",
        "authorList": {"author": [{"lastName": f, "firstName": g} for f, g in paper.authors]},
        "journalInfo": {
            "volume": paper.volume,
            "issue": paper.issue,
            "journal": {"title": paper.journal, "issn": "1234-5678"},
        },
        "pubYear": str(paper.year),
        "pageInfo": paper.pages,
        "abstractText": paper.abstract,
        "pubTypeList": {"pubType": list(paper.pubmed_types)},
        "citedByCount": 1,
    }


def europe_pmc_list(results: list[dict[str, Any]], cursor: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"version": "6.9", "hitCount": len(results)}
    if cursor:
        found["nextCursorMark"] = cursor
    return found | {"resultList": {"result": results}}


def registered_study(
    number: str,
    title: str,
    *,
    status: str = "RECRUITING",
    conditions: tuple[str, ...] = ("Major Depressive Disorder",),
    arms: tuple[tuple[str, str, str], ...] = (),  # label, type of arm, type of intervention
    people: int | None = 60,
    allocation: str = "RANDOMIZED",
) -> dict[str, Any]:
    """A study as ClinicalTrials.gov (version 2) gives it."""
    enrolled = {} if people is None else {"enrollmentInfo": {"count": people, "type": "ESTIMATED"}}
    return {
        "protocolSection": {
            "identificationModule": {"nctId": number, "briefTitle": title},
            "statusModule": {
                "overallStatus": status,
                "startDateStruct": {"date": "2025-03", "type": "ACTUAL"},
                "completionDateStruct": {"date": "2027-06-30", "type": "ESTIMATED"},
                "lastUpdatePostDateStruct": {"date": "2026-01-15", "type": "ACTUAL"},
            },
            "descriptionModule": {"briefSummary": f"A study of {title}."},
            "conditionsModule": {"conditions": list(conditions)},
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "designInfo": {"allocation": allocation},
                **enrolled,
            },
            "armsInterventionsModule": {
                "armGroups": [
                    {"label": label, "type": kind, "interventionNames": [f"Behavioral: {label}"]}
                    for label, kind, _ in arms
                ],
                "interventions": [
                    {"type": given, "name": label, "armGroupLabels": [label]}
                    for label, _, given in arms
                    if given
                ],
            },
        },
        "hasResults": False,
    }


def registered_list(studies: list[dict[str, Any]], token: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"totalCount": len(studies), "studies": studies}
    return found | ({"nextPageToken": token} if token else {})


def play(replay: Replay, papers: list[Paper], studies: list[dict[str, Any]] | None = None) -> None:
    """All services, which know ``papers`` and find those whose title shares a long word.

    ClinicalTrials.gov knows ``studies``.
    """

    def known(service: str) -> list[Paper]:
        return [paper for paper in papers if service not in paper.unknown_to]

    def crossref(asked: Asked) -> Reply:
        mine = known("crossref")
        filters = asked.query.get("filter", "").split(",")
        if any(one.startswith("doi:") for one in filters):
            wanted = {one.removeprefix("doi:") for one in filters}
            found = [paper for paper in mine if paper.doi in wanted]
        elif any(one.startswith("updates:") for one in filters):
            wanted = {one.removeprefix("updates:") for one in filters}
            found = [p for p in mine if any(doi in wanted for _, doi in p.updates)]
        else:
            found = _like(mine, asked.query.get("query.bibliographic", ""))
            if "cursor" in asked.query:
                found = found if asked.query["cursor"] == "*" else []
        return Reply.of(crossref_list([crossref_item(paper) for paper in found]))

    def openalex(asked: Asked) -> Reply:
        mine = known("openalex")
        name, _, value = asked.query.get("filter", "").partition(":")
        if "search.title_and_abstract" in asked.query:
            name = ""  # a filter beside it is the date
        wanted = set(value.split("|"))
        if name == "doi":
            found = [paper for paper in mine if paper.doi in wanted]
        elif name == "pmid":
            found = [paper for paper in mine if paper.pmid in wanted]
        elif name == "openalex":
            found = [paper for paper in mine if paper.openalex in wanted]
        elif name == "cites":
            found = [paper for paper in mine if wanted & set(paper.cites)]
        else:
            found = _like(mine, asked.query.get("search.title_and_abstract", value))
        return Reply.of(openalex_list([openalex_work(paper) for paper in found]))

    def esearch(asked: Asked) -> Reply:
        mine = [paper for paper in known("pubmed") if paper.pmid]
        term = asked.query["term"]
        by_doi = [p for p in mine if f'"{p.doi}"[doi]' in term]
        found = by_doi if "[doi]" in term else _like(mine, term)
        start = int(asked.query.get("retstart", "0"))
        ids = [paper.pmid for paper in found]
        return Reply.of(pubmed_ids(ids[start : start + 100], len(ids)))

    def efetch(asked: Asked) -> Reply:
        wanted = set(asked.query["id"].split(","))
        found = [paper for paper in known("pubmed") if paper.pmid in wanted]
        return Reply(pubmed_set(found).encode(), content_type="text/xml")

    def europe_pmc(asked: Asked) -> Reply:
        mine, query = known("europe_pmc"), asked.query["query"]
        if "DOI:" in query:
            found = [paper for paper in mine if f'DOI:"{paper.doi}"' in query]
        elif "EXT_ID:" in query:
            found = [p for p in mine if p.pmid and f"EXT_ID:{p.pmid} " in query.replace(")", " ")]
        else:
            found = _like(mine, query)
        return Reply.of(europe_pmc_list([europe_pmc_result(paper) for paper in found]))

    replay.on("/crossref/works", crossref)
    replay.on("/openalex/works", openalex)
    replay.on("/pubmed/esearch.fcgi", esearch)
    replay.on("/pubmed/efetch.fcgi", efetch)
    replay.on("/europe_pmc/search", europe_pmc)
    replay.on("/clinical_trials/studies", Reply.of(registered_list(studies or [])))


def _like(papers: list[Paper], text: str) -> list[Paper]:
    words = {word for word in text.lower().replace('"', " ").split() if len(word) > 6}
    return [paper for paper in papers if words & set(paper.title.lower().split())]
