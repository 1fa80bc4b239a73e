"""Pure parsers: real replies where they are at hand, and replies whose shape has changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapes import (
    Paper,
    crossref_item,
    crossref_list,
    europe_pmc_list,
    europe_pmc_result,
    openalex_list,
    openalex_work,
    pubmed_set,
)

from ipt_evidence.services import crossref, europe_pmc, openalex, pubmed
from ipt_evidence.services.faults import ChangedShape
from ipt_evidence.services.works import Page, Work

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "api"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="recorded replies are not beside the project"
)

PAPER = Paper(
    "10.5555/example", "Interpersonal psychotherapy of an example", (("van der Berg", "Ann B."),),
    2021, "Journal of Examples", "12", "3", "45-67", "31234567",
    abstract="A trial. NCT01234567.",
)  # fmt: skip
REPLIES: dict[str, tuple[Callable[[Any], Page], Any]] = {
    "crossref": (crossref.parse_works, crossref_list([crossref_item(PAPER)])),
    "openalex": (openalex.parse_works, openalex_list([openalex_work(PAPER)])),
    "europe_pmc": (europe_pmc.parse_search, europe_pmc_list([europe_pmc_result(PAPER)])),
    "pubmed": (pubmed.parse_records, pubmed_set([PAPER])),
}


def items_of(service: str, reply: Any) -> list[Any]:
    if service == "crossref":
        return reply["message"]["items"]
    return reply["results"] if service == "openalex" else reply["resultList"]["result"]


@pytest.mark.parametrize("service", REPLIES)
def test_all_services_give_the_same_record(service: str) -> None:
    parse, reply = REPLIES[service]
    page = parse(reply)
    assert page.unreadable == []
    record = page.works[0].record
    assert record.title == PAPER.title
    assert (record.year, record.volume, record.issue, record.pages) == (2021, "12", "3", "45-67")
    assert record.container_title == "Journal of Examples"
    assert record.doi == "10.5555/example"
    assert record.authors[0] == {"family": "van der Berg", "given": "Ann B."}
    if service != "crossref":
        assert record.pmid == "31234567"
        assert record.registry_ids == ["NCT01234567"]
    assert Work.from_dict(json.loads(json.dumps(page.works[0].to_dict()))) == page.works[0]


@pytest.mark.parametrize("service", ["crossref", "openalex", "europe_pmc"])
@pytest.mark.parametrize("reply", [{}, {"message": None}, {"results": None}, {"resultList": []},
                                   {"message": {"items": {}}}, {"error": "moved"}])  # fmt: skip
def test_a_reply_without_its_list_is_named_and_not_empty(service: str, reply: Any) -> None:
    with pytest.raises(ChangedShape):
        REPLIES[service][0](reply)


@pytest.mark.parametrize("text", ["", "{}", "<html><body>no</body></html>", "<PubmedArticle"])
def test_xml_that_is_no_set_of_articles_is_named(text: str) -> None:
    with pytest.raises(ChangedShape, match="the reply is no set of articles"):
        pubmed.parse_records(text)


@pytest.mark.parametrize("service", ["crossref", "openalex", "europe_pmc"])
def test_an_item_that_changed_its_shape_costs_only_itself(service: str) -> None:
    parse, reply = REPLIES[service]
    text = json.dumps(reply)
    for name in ("DOI", "id", "doi", "title", "display_name", "publication_year",
                 "publication_date", "author", "issued"):  # fmt: skip
        text = text.replace(f'"{name}":', f'"new_{name}":')
    renamed = json.loads(text)
    good = copy.deepcopy(reply)
    items = items_of(service, good)
    items += [*items_of(service, renamed), None, 7, "text", {}]
    page = parse(good)
    assert len(page.works) == 1
    assert len(page.unreadable) == 5


@given(st.data())
@pytest.mark.parametrize("service", ["crossref", "openalex", "europe_pmc"])
def test_nothing_that_stands_in_a_field_breaks_the_parser(service: str, data: Any) -> None:
    parse, reply = REPLIES[service]
    mutated = copy.deepcopy(reply)
    item = items_of(service, mutated)[0]
    for name in data.draw(st.lists(st.sampled_from(sorted(item)), max_size=4)):
        item[name] = data.draw(
            st.one_of(
                st.none(), st.integers(), st.text(max_size=5), st.booleans(),
                st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=2),
                st.dictionaries(st.sampled_from(["date-parts", "author", "source", "x"]),
                                st.one_of(st.none(), st.text(max_size=3), st.lists(st.none())),
                                max_size=2),
            )
        )  # fmt: skip
    page = parse(mutated)
    assert len(page.works) + len(page.unreadable) == 1


def test_a_year_is_a_year() -> None:
    # the fault of a peer: date-parts is a list of lists, and every year became None
    item = crossref_item(PAPER)
    item["issued"] = {"date-parts": [[2018, 10, 21]]}
    assert crossref.parse_item(item).record.year == 2018
    assert crossref.parse_item(item).record.date == "2018-10-21"
    item["issued"] = {"date-parts": [[None]]}
    assert crossref.parse_item(item).record.year is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("retraction", "retraction"), ("expression_of_concern", "concern"), ("erratum", "correction"),
     ("corrigendum", "correction"), ("withdrawal", "retraction")],
)  # fmt: skip
def test_crossrefs_notices_keep_their_kind(kind: str, expected: str) -> None:
    work = crossref.parse_item(
        crossref_item(Paper("10.5555/a", "T", notices=((kind, "10.5555/n"),)))
    )
    assert [notice.kind for notice in work.notices] == [expected]
    assert work.notices[0].date == "2021-05-08"
    notice = crossref.parse_item(
        crossref_item(Paper("10.5555/n", "N", updates=((kind, "10.5555/a"),)))
    )
    assert notice.updates == ((expected, "10.5555/a"),)


@pytest.mark.parametrize(
    ("link", "expected"),
    [("RetractionIn", "retraction"), ("ExpressionOfConcernIn", "concern"),
     ("ErratumIn", "correction")],
)  # fmt: skip
def test_pubmeds_comments_keep_their_kind_and_a_comment_is_no_notice(
    link: str, expected: str
) -> None:
    paper = Paper("10.5555/a", "T", pmid="1234567", pubmed_notices=(
        (link, "J Ex. 2021 May 8;1(1):1. doi: 10.5555/notice", "7654321"),
        ("CommentIn", "J Ex. 2020;2:2", "7654322"),
    ))  # fmt: skip
    work = pubmed.parse_records(pubmed_set([paper])).works[0]
    assert [(n.kind, n.doi, n.pmid, n.date) for n in work.notices] == [
        (expected, "10.5555/notice", "7654321", "2021-05-08")
    ]


def test_a_preprint_knows_the_paper_that_it_became() -> None:
    item = crossref_item(PAPER)
    item["relation"] = {"is-preprint-of": [{"id-type": "doi", "id": "10.5555/final"}]}
    assert crossref.parse_item(item).versions == {"published": "10.5555/final"}


@needs_samples
def test_every_real_crossref_reply_is_read() -> None:
    works = components = 0
    unreadable: list[str] = []
    notices = []
    for line in (SAMPLES / "crossref_habanero.jsonl").read_text(encoding="utf-8").splitlines():
        recorded = json.loads(line)
        body = recorded["body"]
        if recorded["status"] != 200 or not isinstance(body, dict):
            continue
        kind = body.get("message-type")
        if kind == "work-list" and "select=" not in recorded["url"]:
            page = crossref.parse_works(body)
        elif kind == "work":
            page = crossref.parse_work(body)
        else:
            continue
        works += len(page.works)
        unreadable += page.unreadable
        items = body["message"].get("items", [])
        components += sum(item.get("type") == "component" for item in items)
        notices += [(w.id, n.kind, n.date) for w in page.works for n in w.notices]
    assert works > 300
    assert len(unreadable) == components  # figures and tables: nothing that can be cited
    assert ("10.1371/journal.pone.0033693", "correction", "2012-05-08") in notices


@needs_samples
def test_a_real_openalex_work_is_read() -> None:
    item = json.loads((SAMPLES / "openalex" / "W2741809807.json").read_text(encoding="utf-8"))
    work = openalex.parse_work(item)
    assert work.record.doi == "10.7717/peerj.4375"
    assert work.record.pmid == "29456894"
    assert work.record.pmcid == "PMC5815332"
    assert work.record.authors[0] == {"family": "Piwowar", "given": "Heather"}
    assert work.retracted is False
    assert len(work.references) == 45
    assert work.record.abstract is not None
    assert work.record.abstract.startswith("Despite growing interest in Open Access (OA)")


@needs_samples
@pytest.mark.parametrize("name", ["search_cancer.json", "search_cancer_core.json",
                                  "search_cancer_page2.json"])  # fmt: skip
def test_real_europe_pmc_searches_are_read(name: str) -> None:
    reply = json.loads((SAMPLES / "europepmc" / name).read_text(encoding="utf-8"))
    page = europe_pmc.parse_search(reply)
    assert len(page.works) == len(reply["resultList"]["result"])
    assert page.unreadable == []
    assert all(work.record.title and work.record.year for work in page.works)


@needs_samples
def test_an_empty_europe_pmc_search_is_empty_and_no_fault() -> None:
    path = SAMPLES / "europepmc" / "search_no_results.json"
    assert europe_pmc.parse_search(json.loads(path.read_text(encoding="utf-8"))) == Page()


@needs_samples
def test_every_real_pubmed_record_is_read() -> None:
    found = 0
    for path in sorted((SAMPLES / "pubmed").rglob("*.xml")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "<PubmedArticleSet" not in text:
            continue
        page = pubmed.parse_records(text)
        assert page.works or "<PubmedArticle>" not in text, path.name
        found += len(page.works)
        assert all(work.id.isdigit() for work in page.works)
    assert found > 30


@needs_samples
def test_a_real_search_of_pubmed_is_read() -> None:
    path = SAMPLES / "pubmed" / "eutils_esearch.pubmed.json"
    ids, total = pubmed.parse_ids(json.loads(path.read_text(encoding="utf-8")))
    assert ids[0] == "23175848"
    assert total == 15169
