"""The traps of de-duplication, one by one: what is merged, shown, related or left alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ipt_evidence.citations.deduplication import Deduplication, deduplicate
from ipt_evidence.citations.deduplication.titles import compare_journals, compare_titles, title_form

TRIAL: dict[str, Any] = {
    "title": "Interpersonal psychotherapy for depressed adolescents: a randomised trial",
    "authors": [{"family": "Mufson", "given": "Laura"}, {"family": "Weissman", "given": "M. M."}],
    "year": 1999,
    "container_title": "Archives of General Psychiatry",
    "volume": "56",
    "issue": "6",
    "pages": "573-579",
}


def found(*changes: dict[str, Any]) -> Deduplication:
    """De-duplicate the trial and versions of it that differ as the dictionaries say."""
    rows = [TRIAL] + [{**TRIAL, **change} for change in changes]
    return deduplicate(table(rows))


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {"doi": None, "pmid": None, "key": f"k{n}", "source_file": "a", "source_line": n, **row}
            for n, row in enumerate(rows)
        ]
    )
    return frame.astype({"year": "Int64"})


@pytest.mark.parametrize(
    "change",
    [
        {"container_title": "Arch Gen Psychiatry"},
        {"pages": "573-9"},
        {"title": f"{TRIAL['title']} [Article in German]", "authors": [], "year": 1998},
        {"title": f"{TRIAL['title']} (in French)"},
        {"doi": "10.1002/central/cn-00162033/full"},
        {"pages": "573‐579"},
        {"pages": None},
        {"pages": None, "volume": None, "issue": None},
        {"authors": []},
        {"authors": [{"family": "MUFSON", "given": "L."}]},
        {"authors": [{"family": "Mufson L", "given": ""}]},
        {"year": 1998},
        {"year": 2009},
        {"title": str(TRIAL["title"]).upper() + "."},
        {"title": str(TRIAL["title"]).replace("randomised", "randomized")},
        {"title": "Interpersonal psychotherapy for depressed adolesc...", "pages": None},
        {"title": "Interpersonal psychotherapy for depressed adolescents"},
        {"title": f"Original paper: {TRIAL['title']}"},
        {"title": "<i>Interpersonal</i> psychotherapy for depressed adolescents&#58; a rand trial"},
        {"title": "Psychothérapie interpersonnelle pour adolescents déprimés"},
        {"container_title": None, "pages": None},
        {"title": f"RETRACTED: {TRIAL['title']}"},
        {"volume": None, "pages": "1-7", "year": 1998},
        {"pages": "1-14"},
        {"pages": "e33123"},
        {"pages": "ARTN 33123"},
        {"pages": "573-579 7p"},
        {
            "title": f"{TRIAL['title']} / [Psicoterapia interpersonal em adolescentes]",
            "pages": None,
        },
        {"title": f"Psychothérapie interpersonnelle de la dépression. = {TRIAL['title']}"},
        {"title": str(TRIAL["title"]).replace("depressed", "epressed"), "pages": None},
        {"issue": "SUPPL. 3"},
        {"authors": [{"family": "The IPT-A Study Group", "given": ""}], "pages": None},
        {"authors": [{"family": "Laura", "given": "Mufson"}], "pages": None},
        dict.fromkeys(("container_title", "volume", "issue", "pages")) | {"authors": []},
    ],
)
def test_versions_of_one_article_are_merged(change: dict[str, Any]) -> None:
    result = found(change)
    assert [group.rows for group in result.groups] == [(0, 1)]
    assert len(result.unique) == 1
    assert 0.5 < result.groups[0].score <= 1
    assert result.groups[0].reason


@pytest.mark.parametrize(
    "change",
    [
        {"title": str(TRIAL["title"]).replace("adolescents", "women"), "pages": "601-611"},
        {"title": str(TRIAL["title"]).replace("adolescents", "women"), "pages": None},
        {"container_title": "European Psychiatry", "pages": "S12", "volume": "14", "year": 1998},
        {"container_title": "European Psychiatry", "pages": None, "volume": None},
        {"pages": "1023-1031", "volume": "58", "year": 2001},
        {"title": "Something else altogether", "pages": "573"},
        {"title": f"{TRIAL['title']}: follow-up after 5 years", "pages": None},
        {"title": f"Predictors of outcome in {TRIAL['title']}", "pages": "e33123"},
        {"title": str(TRIAL["title"]).replace("depressed", "asymptomatic"), "pages": None},
        {"pages": "601-609", "issue": "9"},
        {"pages": "601-609", "authors": [{"family": "Roe", "given": "R"}]},
        dict.fromkeys(("container_title", "volume", "issue", "pages"))
        | {"authors": [], "year": 2004},
    ],
)
def test_other_works_are_not_merged(change: dict[str, Any]) -> None:
    assert found(change).groups == ()


def test_what_programs_do_to_records_on_their_way_is_undone() -> None:
    one = {**TRIAL, "authors": [{"family": "Müller", "given": "J"}], "pages": "12-18"}
    bare = {"container_title": None, "volume": None, "issue": None, "year": None}
    for change in (
        {"pages": "18-Dec", "issue": "03-Feb", "volume": None},
        {**bare, "authors": [{"family": "MÃ¼ller", "given": "J"}]},
    ):
        assert len(deduplicate(table([one, {**one, **change}])).groups) == 1
    chinese = {
        **TRIAL,
        "title": "认知行为疗法治疗抑郁症的随机对照研究",
        "pages": None,
        "volume": None,
    }
    assert len(deduplicate(table([chinese, {**chinese, "issue": None}])).groups) == 1


def test_a_thesis_is_the_same_in_a_list_of_theses() -> None:
    listed = {
        "container_title": "Dissertation Abstracts International: Section B",
        "volume": "60",
        "pages": "1234",
    }
    place = {"container_title": "Columbia University", "pages": None, "volume": None}
    thesis = {**TRIAL, **place, "type": "phdthesis"}
    assert len(deduplicate(table([{**TRIAL, **listed}, thesis])).groups) == 1
    assert deduplicate(table([TRIAL, {**TRIAL, **listed}])).groups == ()


@pytest.mark.parametrize("year", [2004, 2007])
def test_versions_of_a_cochrane_review_are_not_merged(year: int) -> None:
    review = {
        **TRIAL,
        "title": "Psychosocial and psychological interventions for postpartum depression",
        "container_title": "Cochrane Database of Systematic Reviews",
        "volume": None,
        "issue": None,
        "year": 2013,
        "pages": "CD001134",
    }
    for pages in ("CD001134", None):
        assert deduplicate(table([review, {**review, "year": year, "pages": pages}])).groups == ()


def test_abstracts_of_one_group_on_one_page_are_not_merged() -> None:
    abstract = {**TRIAL, "container_title": "Diabetologia", "pages": "S12", "issue": "Suppl 1"}
    other = {**abstract, "title": str(TRIAL["title"]).replace("adolescents", "women")}
    assert deduplicate(table([abstract, other])).groups == ()
    whole = {"pages": "573-579"}
    assert len(deduplicate(table([abstract | whole, other | whole])).groups) == 1


def test_a_paper_is_not_last_years_abstract_in_the_same_journal() -> None:
    title = f"{TRIAL['title']} in schools of a large city and in the clinic"
    abstract = {"title": title, "year": 1998, "volume": "51", "issue": None, "pages": None}
    result = deduplicate(table([{**TRIAL, "title": title}, {**TRIAL, **abstract}]))
    assert result.groups == ()
    assert len(result.review) == 1
    ahead = {**TRIAL, **abstract, "volume": None}
    assert len(deduplicate(table([{**TRIAL, "title": title}, ahead])).groups) == 1


def test_pages_from_one_on_are_those_of_every_article_with_a_number() -> None:
    one = {**TRIAL, "container_title": "PLoS ONE", "pages": "1-10", "issue": None}
    other = {"title": "Light therapy in winter: who profits and for how long?"}
    assert deduplicate(table([one, {**one, **other}])).groups == ()
    women = {"title": str(TRIAL["title"]).replace("adolescents", "women")}
    assert deduplicate(table([one, {**one, **women}])).groups == ()


def test_a_record_that_lacks_the_journal_does_not_join_a_paper_and_its_abstract() -> None:
    abstract = {"container_title": "European Psychiatry", "pages": "S12", "volume": "14"}
    place = ("container_title", "volume", "issue", "pages")
    result = found(abstract, dict.fromkeys(place) | {"authors": TRIAL["authors"]})
    assert [sorted(group.rows) for group in result.groups] == [[0, 2]]


@pytest.mark.parametrize("title", ["Editorial", "Reply", "Commentary", "Book reviews"])
def test_headings_that_every_issue_has_are_not_merged(title: str) -> None:
    one = {**TRIAL, "title": title, "authors": [], "issue": "1", "pages": "1-2"}
    assert deduplicate(table([one, {**one, "issue": "2", "pages": "101-102"}])).groups == ()


def test_two_dois_are_never_merged_but_shown() -> None:
    result = found({"doi": "10.1000/a"}, {"doi": "10.1000/b"})
    assert [len(group.rows) for group in result.groups] == [2]
    for group in result.groups:
        assert len(set(result.citations["doi"].iloc[list(group.rows)].dropna())) == 1
    assert any("DOI" in pair.reason for pair in result.review)


def test_an_equal_doi_does_not_merge_different_works() -> None:
    rows = [
        {**TRIAL, "doi": "10.1000/supplement", "pages": "S1"},
        {
            **TRIAL,
            "doi": "10.1000/supplement",
            "pages": "S2",
            "title": "Light therapy in winter: who profits?",
            "authors": [{"family": "Terman", "given": "M"}],
        },
    ]
    assert deduplicate(table(rows)).groups == ()


def test_a_doi_that_was_cut_off_names_an_issue_and_not_an_article() -> None:
    cut = {"doi": "10.1002/(sici)1097-0258(19980815)17:15", "pages": None, "volume": None}
    other = {"title": "Interpersonal psychotherapy for depressed adolescents at school", **cut}
    assert deduplicate(table([{**TRIAL, **cut}, {**TRIAL, **other}])).groups == ()


def test_a_thesis_is_not_its_article() -> None:
    thesis = {"type": "phdthesis", "container_title": None, "pages": None, "volume": None}
    assert deduplicate(table([{**TRIAL, "type": "article"}, {**TRIAL, **thesis}])).groups == ()


def test_an_equal_doi_merges_whatever_else_is_missing() -> None:
    bare = dict.fromkeys(TRIAL, None) | {"authors": [], "doi": "10.1000/a"}
    assert [g.rows for g in deduplicate(table([{**TRIAL, "doi": "10.1000/a"}, bare])).groups] == [
        (0, 1)
    ]


@pytest.mark.parametrize(
    ("kind", "one", "two"),
    [
        (
            "part",
            {"title": "Grief and its treatment in later life. Part I: Theory"},
            {"title": "Grief and its treatment in later life. Part II: Practice", "pages": "601-9"},
        ),
        (
            "part",
            {"title": "Drugs for malaria in the age of resistance. I. What is recommended"},
            {
                "title": "Drugs for malaria in the age of resistance. II. What may come",
                "pages": "601-609",
            },
        ),
        ("part", {}, {"title": f"{TRIAL['title']}, part 2", "pages": None}),
        ("erratum", {}, {"title": f"Erratum: {TRIAL['title']}", "pages": "901"}),
        ("erratum", {}, {"title": f"Correction to: {TRIAL['title']}", "pages": None}),
        ("erratum", {}, {"title": f"{TRIAL['title']} (vol 56, pg 573, 1999)", "pages": "901"}),
        (
            "preprint",
            {"doi": "10.1001/archpsyc.56.6.573"},
            {
                "doi": "10.31234/osf.io/abcde",
                "container_title": "PsyArXiv",
                "pages": None,
                "volume": None,
                "year": 1998,
            },
        ),
        (
            "protocol",
            {},
            {
                "title": "Interpersonal psychotherapy for depressed adolescents: "
                "study protocol for a randomised trial",
                "container_title": "Trials",
                "pages": "12",
                "volume": "1",
                "year": 1997,
            },
        ),
        (
            "protocol",
            {},
            {
                "container_title": "https://clinicaltrials.gov/show/NCT00000123",
                "authors": [{"family": "Nct", "given": ""}],
                "volume": None,
                "pages": None,
            },
        ),
        ("reply", {}, {"title": f"Reply to: {TRIAL['title']}", "pages": "1001"}),
        ("reply", {}, {"title": f"Comment on {TRIAL['title']}", "pages": "1001"}),
    ],
)
def test_related_works_are_named_and_not_merged(
    kind: str, one: dict[str, Any], two: dict[str, Any]
) -> None:
    result = deduplicate(table([{**TRIAL, **one}, {**TRIAL, **two}]))
    assert [relation.kind for relation in result.relations] == [kind]
    assert result.groups == ()
    assert len(result.unique) == 2


def test_registry_entries_merge_by_their_id_only() -> None:
    entry = {
        **dict.fromkeys(TRIAL, None),
        "title": "Psychotherapy by telephone in rural areas, a trial",
        "authors": [{"family": "Nct", "given": ""}],
        "year": 2012,
    }
    rows = [
        {**entry, "container_title": "https://clinicaltrials.gov/show/NCT01234567"},
        {**entry, "container_title": "http://clinicaltrials.gov/ct2/show/NCT01234567"},
        {**entry, "container_title": "https://clinicaltrials.gov/show/NCT07654321"},
    ]
    result = deduplicate(table(rows))
    assert [group.rows for group in result.groups] == [(0, 1)]
    assert "registry ids" in result.review[0].reason


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Am J Trop Med Hyg", "American Journal of Tropical Medicine and Hygiene", 1),
        ("JAMA", "Journal of the American Medical Association", 1),
        ("Lancet (London, England)", "The Lancet", 1),
        ("J Natl Cancer Inst", "Journal of the National Cancer Institute", 1),
        ("MMWR. Morbidity and mortality weekly report", "MMWR", 1),
        ("Arch. Dis. Child.", "Arch. Gen. Psychiatry", -1),
        ("Lancet", "Lancet Infectious Diseases", 0),
        ("Psychological Medicine", "European Psychiatry", -1),
        (None, "Psychological Medicine", 0),
    ],
)
def test_journals_under_their_many_names(one: str | None, two: str, expected: int) -> None:
    assert compare_journals(one, two) == expected
    assert compare_journals(two, one) == expected


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Therapy for men with HIV in the city", "Therapy for women with HIV in the city", "alike"),
        ("Hypertension in the old and frail", "Hypotension in the old and frail", "alike"),
        (
            "Tumours of the oesophagus in children",
            "Tumors of the esophagus in children",
            "same",
        ),
        ("The role of β-blockers in panic", "Role of beta blockers in panic", "same"),
        ("Symptomatic carriers of the gene", "Asymptomatic carriers of the gene", "alike"),
        ("Photonic crystal memories on a chip", "Photonic rystal memories on a chip", "spelling"),
        (
            "Terapia breve en la depresión / Brief therapy in depression",
            "Brief therapy in depression",
            "tongue",
        ),
        (
            "Generalized lacZ expression with the ROSA2...",
            "Generalized lacZ expression with the ROSA26 strain",
            "cut",
        ),
        ("", "Anything", "unknown"),
    ],
)
def test_a_changed_word_is_not_a_changed_spelling(one: str, two: str, expected: str) -> None:
    assert compare_titles(title_form(one), title_form(two))[0] == expected


REPORT: dict[str, Any] = {
    "title": "Annual report of the national grief register",
    "authors": [{"family": "Alder", "given": "A"}],
    "container_title": "Acta Imaginaria",
    "pages": "5-12",
}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"year": 2010, "volume": "10"}, {"year": 2012, "volume": "12"}),
        ({"year": 2010, "volume": "10"}, {"year": 2011, "volume": "11"}),
        ({"year": 2010}, {"year": 2011}),
        ({"year": 2010, "pages": None}, {"year": 2012, "pages": None}),
    ],
)
def test_reports_of_two_years_are_not_merged(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert deduplicate(table([{**REPORT, **one}, {**REPORT, **two}])).groups == ()


def test_one_title_in_two_volumes_and_years_is_shown_and_not_merged() -> None:
    rows = [{**TRIAL, "pages": "5"}, {**TRIAL, "pages": "5", "year": 2001, "volume": "58"}]
    result = deduplicate(table(rows))
    assert result.groups == ()
    assert "different years and volumes" in result.review[0].reason


ABSTRACT: dict[str, Any] = {
    "title": "P.2.14 Interpersonal psychotherapy in women after a loss",
    "authors": [{"family": "Alder", "given": "A"}, {"family": "Birch", "given": "B"}],
    "year": 2007,
    "container_title": "Acta Imaginaria",
    "volume": "17",
    "issue": "Suppl 4",
    "pages": "S310-S311",
    "doi": "10.9999/s0924-977x(07)70453-1",
}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "P.2.15 Interpersonal psychotherapy in men after a loss"},
        {"title": "P.2.15 Sleep and daylight in a closed ward"},
        {"title": "Sleep and daylight in a closed ward", "issue": None, "pages": "S312"},
        {
            "title": "Sleep and daylight in a closed ward",
            "authors": [{"family": "Cedar", "given": "C"}],
            "issue": None,
            "pages": None,
        },
    ],
)
def test_two_abstracts_under_the_doi_of_their_supplement(change: dict[str, Any]) -> None:
    assert deduplicate(table([ABSTRACT, {**ABSTRACT, **change}])).groups == ()


TRANSLATED: dict[str, Any] = {
    "title": "[Interpersonal psychotherapy of grief in hospital].",
    "authors": [{"family": "Schramm", "given": "E"}, {"family": "Berger", "given": "M"}],
    "year": 2008,
    "container_title": "Nervenbote",
    "volume": "79",
    "pages": "1-9",
}
ORIGINAL = {
    **TRANSLATED,
    "title": "Interpersonelle Psychotherapie der Trauer im Krankenhaus",
    "container_title": "Der Nervenbote",
}


@pytest.mark.parametrize(
    "change", [{}, {"pages": "1"}, {"volume": None}, {"pages": "301-309"}, {"issue": "1"}]
)
def test_a_translated_title_and_its_original_are_at_least_shown(change: dict[str, Any]) -> None:
    pages = {"pages": "301-309"} if change.get("pages") == "301-309" else {}
    result = deduplicate(table([{**TRANSLATED, **pages}, {**ORIGINAL, **change}]))
    assert result.review or [group.rows for group in result.groups] == [(0, 1)]


def test_another_title_by_the_same_author_on_other_pages_is_no_translation() -> None:
    result = deduplicate(table([TRANSLATED, {**ORIGINAL, "pages": "11-19"}]))
    assert result.groups == ()
    assert result.review == ()


@pytest.mark.parametrize(
    ("families", "titles"),
    [
        (
            ("Müller", "Mueller", "Muller"),
            ("bei älteren Menschen", "bei aelteren Menschen", "bei alteren Menschen"),
        ),
        (
            ("Böhm", "Boehm", "Bohm"),
            ("in Österreich für Mütter", "in Oesterreich fuer Muetter", "in Osterreich fur Mutter"),
        ),
        (
            ("Sørensen", "Soerensen", "Sorensen"),
            ("hos ældre og syge", "hos aeldre og syge", "hos aldre og syge"),
        ),
    ],
)
def test_umlauts_in_three_spellings(families: tuple[str, ...], titles: tuple[str, ...]) -> None:
    rows = [
        {
            **TRANSLATED,
            "title": f"Interpersonelle Psychotherapie {title}",
            "authors": [{"family": family, "given": "J"}],
        }
        for family, title in zip(families, titles, strict=True)
    ]
    assert [group.rows for group in deduplicate(table(rows)).groups] == [(0, 1, 2)]


def test_one_trial_number_under_the_brief_and_the_official_title() -> None:
    number = "NCT09999999"
    rows = [
        {
            "title": "IPT for mothers",
            "year": 2012,
            "authors": [{"family": number, "given": ""}],
            "container_title": f"https://clinicaltrials.gov/show/{number}",
        },
        {
            "title": "Group Interpersonal Psychotherapy After Birth in Rural Clinics",
            "year": 2010,
            "url": f"https://clinicaltrials.gov/study/{number}",
        },
        {
            "title": "Light therapy for mothers",
            "year": 2012,
            "url": "https://clinicaltrials.gov/study/NCT09999998",
        },
    ]
    assert [group.rows for group in deduplicate(table(rows)).groups] == [(0, 1)]


@pytest.mark.parametrize("issue", ["2015-30000-012", "201530000", "CN-00162033"])
def test_the_running_number_of_a_database_is_no_issue(issue: str) -> None:
    result = found({"issue": issue, "pages": None})
    assert [group.rows for group in result.groups] == [(0, 1)]
    assert "issue" not in result.groups[0].reason
