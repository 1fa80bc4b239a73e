"""Scores, points, suggestions and the model: what they say, and what they never accept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shapes import Paper, crossref_item, pubmed_set

from ipt_evidence import EvidenceBase
from ipt_evidence.citations.records import Record
from ipt_evidence.errors import EvidenceError
from ipt_evidence.living.candidates import judged, known_decisions
from ipt_evidence.living.links import linked_reports, suggestions
from ipt_evidence.services import crossref, pubmed
from ipt_evidence.services.completion import ACCEPT, REVIEW, compare, full_pages, score
from ipt_evidence.services.ranking import RULES, cross_validate, rank

TITLE = "Interpersonal psychotherapy for depressed adolescents: a randomised trial"


def ours(title: str = TITLE, family: str = "Mufson", year: int | None = 2004) -> dict:
    authors = [{"family": family, "given": "L"}] if family else []
    return {"key": "k", "title": title, "authors": authors, "year": year}


def theirs(title: str = TITLE, family: str = "Mufson", year: int | None = 2004) -> Record:
    authors = [{"family": family, "given": "Laura"}] if family else []
    return Record("x", "article", 1, {}, title=title, authors=authors, year=year)


def test_the_same_paper_is_accepted_also_a_year_apart_and_in_other_spelling() -> None:
    assert score(ours(), theirs()).score == 1.0
    assert score(ours(), theirs(year=2005)).score >= ACCEPT
    respelled = TITLE.replace("randomised", "randomized").upper()
    assert score(ours(), theirs(respelled, "MUFSON")).score >= ACCEPT


@pytest.mark.parametrize(
    "other",
    [
        theirs("Cognitive therapy for panic disorder"),
        theirs(f"{TITLE}. Part II"),
        theirs(f"Erratum: {TITLE}"),
        theirs(year=2014),
        theirs(family="Young", year=2010),
        theirs(title=""),
    ],
)
def test_another_paper_is_never_accepted(other: Record) -> None:
    mine = ours(f"{TITLE}. Part I") if other.title and "Part" in other.title else ours()
    assert score(mine, other).score < ACCEPT


def test_a_title_alone_or_a_short_one_is_for_a_person_to_see() -> None:
    alone = score(ours(family="", year=None), theirs(family="", year=None))
    assert REVIEW <= alone.score < ACCEPT
    short = "Interpersonal therapy"
    assert score(ours(short), theirs(short)).score < ACCEPT
    assert "too little to be sure" in alone.reason


@pytest.mark.parametrize(
    ("one", "other"), [("581-92", "581-592"), ("581-592", "581-592"), ("S12-S19", "s12-s19")]
)
def test_pages_agree_however_they_are_cut(one: str, other: str) -> None:
    assert full_pages(one) == full_pages(other)


def test_spelling_is_no_disagreement_and_an_outvoted_service_no_correction() -> None:
    paper = Paper("10.5555/a", TITLE, (("Mufson", "Laura"),), 2004, "J Affect Disord", "8", "",
                  "581-92", "1234567")  # fmt: skip
    mine = ours() | {
        "container_title": "Journal of Affective Disorders", "volume": "8", "pages": "581-592",
        "doi": "10.5555/A", "pmid": "1234567", "type": "article",
    }  # fmt: skip
    item = crossref.parse_item(crossref_item(paper))
    assert [one.field for one in compare(mine, [item], "2026-03-01")] == []
    wrong = crossref.parse_item(crossref_item(replace(paper, volume="9")))
    right = pubmed.parse_records(pubmed_set([paper])).works[0]
    assert [one.field for one in compare(mine, [wrong], "2026-03-01")] == ["volume"]
    assert compare(mine, [wrong, right], "2026-03-01") == []


def work_of(title: str, abstract: str = "", types: tuple[str, ...] = ("Journal Article",)):
    paper = Paper("10.5555/a", title, pmid="1234567", abstract=abstract, pubmed_types=types)
    return pubmed.parse_records(pubmed_set([paper])).works[0]


def test_points_add_up_and_each_has_its_reason() -> None:
    trial = rank(work_of(TITLE, "We did."), ("depression",), ())
    assert trial.score == sum(point.points for point in trial.points)
    assert {point.rule for point in trial.points} == {
        "ipt_title", "rct_title", "condition", "abstract"
    }  # fmt: skip
    for point in trial.points:
        assert point.points == RULES[point.rule][0]
        assert point.reason in trial.words()


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Intensive periodontal treatment (IPT): a randomised trial", "trap"),
        ("Intermittent preventive treatment (IPT) of malaria, randomised", "trap"),
        ("Interpersonal psychotherapy: a meta-analysis", "review"),
        ("Interpersonal psychotherapy in depression: study protocol", "protocol"),
        ("Erratum: interpersonal psychotherapy in depression", "notice"),
        ("Cognitive therapy, a randomised trial", "no_ipt"),
    ],
)
def test_what_is_no_trial_of_ipt_ranks_below_one(title: str, rule: str) -> None:
    other = rank(work_of(title), ("depression",), ())
    assert rule in {point.rule for point in other.points}
    assert other.score < rank(work_of(TITLE), ("depression",), ()).score


def test_suggestions_count_ties_and_leave_out_our_own() -> None:
    found = suggestions(
        {"a": ("W9", "W8", "W2"), "b": ("W9",), "c": ()},
        {"W7": ("W1", "W2", "W5"), "W6": ("W1",), "W9": ("W3",)},
        {"a": "W1", "b": "W2", "c": "W3"},
    )
    assert [(one.id, one.cited_by, one.cites) for one in found] == [
        ("W9", ("a", "b"), ("c",)),
        ("W7", (), ("a", "b")),
    ]


def test_reports_of_one_trial_are_linked_by_their_registration() -> None:
    records = {"a": ["NCT1", "NCT2"], "b": ["NCT2"], "c": ["NCT3"]}
    assert linked_reports(records) == {"NCT2": ("a", "b")}


def test_the_model_is_measured_before_it_is_used(base: EvidenceBase) -> None:
    pytest.importorskip("sklearn")
    measured, candidates = judged(base)
    texts, included = known_decisions(base)
    assert (measured.n, measured.included) == (len(texts), sum(included))
    assert measured.recall >= 0.95
    assert 0 < measured.read < 1
    assert measured.saved > 0  # better than reading at random
    assert f"reads {measured.read:.0%} of the records" in measured.sentence()
    assert candidates == []


def test_a_model_without_enough_to_learn_from_is_refused() -> None:
    with pytest.raises(EvidenceError, match="at least 10 of each"):
        cross_validate(["a", "b"], [True, False])
