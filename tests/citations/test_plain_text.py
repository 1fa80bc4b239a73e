from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipt_evidence.citations.loading import load_citations, load_text
from ipt_evidence.citations.normal_forms import normal_title

ARTICLE = [
    ("Cuijpers", "Pim", True, 2011, "American Journal of Psychiatry", "168", "6", "581-592"),
    ("Bian", "Cheng", True, 2023, "Journal of affective disorders", "320", None, "230-240"),
    (
        "Gómez Penedo",
        "Juan Martín",
        False,
        2023,
        "Journal of Consulting and Clinical Psychology",
        None,
        None,
        None,
    ),
    (
        "Miniati",
        "Mario",
        True,
        2018,
        "Psychology Research and Behavior Management",
        None,
        None,
        "353-369",
    ),
    (
        "Forrest",
        "Lauren N.",
        True,
        2023,
        "International Journal of Eating Disorders",
        None,
        None,
        None,
    ),
    ("Sockol", "Laura E.", False, 2018, "Journal of affective disorders", "232", None, "316-328"),
    ("Makino", "Mariko", False, 2020, "BMC pregnancy and childbirth", "20", None, "1-7"),
    ("Sotsky", "Jennifer", False, 2021, "Psycho-Oncology", None, None, "459"),
    (
        "D’Aiuto",
        "Francesco",
        True,
        2018,
        "The lancet Diabetes & endocrinology",
        "6",
        "12",
        "954-965",
    ),
    (
        "de Figueiredo",
        "John M.",
        False,
        2016,
        "Journal of Contemporary Psychotherapy",
        "46",
        None,
        "167-177",
    ),
]


def as_printed(rows: object) -> list[tuple[object, ...]]:
    return [
        (
            row.authors[0]["family"],
            row.authors[0]["given"],
            row.et_al,
            row.year,
            row.container_title,
            *(
                value if isinstance(value, str) else None
                for value in (row.volume, row.issue, row.pages)
            ),
        )
        for row in rows.itertuples()  # type: ignore[attr-defined]
    ]


def test_the_articles_own_references(data: Path) -> None:
    result = load_citations(data / "article_references.txt")
    assert as_printed(result.citations) == ARTICLE
    titles = list(result.citations["title"])
    assert titles[0] == "Interpersonal psychotherapy for depression: a meta-analysis"
    assert titles[7] == "Interpersonal Psychotherapy and Cancer"
    people = [[person["family"] for person in authors] for authors in result.citations["authors"]]
    assert people[6] == ["Makino", "Yasushi", "Tsutsui"]
    assert people[9] == ["de Figueiredo", "Griffith"]
    assert list(result.citations["source_line"]) == list(range(1, 11))


def test_a_list_run_together_on_one_line_after_text(data: Path) -> None:
    lines = (data / "article_references.txt").read_text(encoding="utf-8").split("\n")
    text = "IPT helps in depression.[1] It also helps mothers.[6] That is all. " + " ".join(lines)
    result = load_text(text.replace("[5]", "[5 "), "article.txt")
    assert as_printed(result.citations) == ARTICLE
    assert (
        result.files["note"].item() == "1 lines of running text before the list are not references"
    )


def test_wrapped_vancouver_references_with_hanging_indents(fixtures: Path) -> None:
    rows = load_citations(fixtures / "wrapped_references.txt").citations
    assert list(rows["source_line"]) == [3, 5, 8]
    assert [authors[0]["family"] for authors in rows["authors"]] == ["Klerman", "Elkin", "O'Hara"]
    assert [len(authors) for authors in rows["authors"]] == [4, 3, 4]
    assert list(rows["year"]) == [1984, 1989, 2000]
    assert rows["title"].iloc[0] == "Interpersonal psychotherapy of depression"
    assert (
        rows["title"].iloc[2] == "Efficacy of interpersonal psychotherapy for postpartum depression"
    )
    assert rows.loc[2, ["volume", "issue", "pages"]].tolist() == ["57", "11", "1039-1045"]


@pytest.mark.parametrize(
    "text",
    [
        "Stangier, U., Schramm, E., Heidenreich, T., & Clark, D. M. (2011). Cognitive therapy vs "
        "interpersonal psychotherapy in social anxiety disorder. Archives of General Psychiatry, "
        "68(7), 692–700. https://doi.org/10.1001/x.2011.67",
        "3. Stangier U, Schramm E, Heidenreich T, Clark DM. Cognitive therapy vs interpersonal "
        "psychotherapy in social anxiety disorder. Archives of General Psychiatry. 2011 "
        "Jul;68(7):692-700. doi: 10.1001/X.2011.67.",
        "Stangier, Ulrich, et al. “Cognitive therapy vs interpersonal psychotherapy in social "
        "anxiety disorder.” Archives of General Psychiatry 68.7 (2011): 692-700. "
        "doi:10.1001/x.2011.67",
        "[12] U. Stangier, E. Schramm, T. Heidenreich, and D. M. Clark, “Cognitive therapy vs "
        "interpersonal psychotherapy in social anxiety disorder,” Archives of General Psychiatry, "
        "vol. 68, no. 7, pp. 692–700, 2011. 10.1001/x.2011.67",
    ],
)
def test_one_reference_in_four_styles(text: str) -> None:
    row = load_text(text, "x.txt").citations.iloc[0]
    assert (
        row["title"]
        == "Cognitive therapy vs interpersonal psychotherapy in social anxiety disorder"
    )
    assert row["authors"][0]["family"] == "Stangier"
    assert (row["year"], row["volume"], row["issue"], row["pages"]) == (2011, "68", "7", "692-700")
    assert row["container_title"] == "Archives of General Psychiatry"
    assert row["doi"] == "10.1001/x.2011.67"
    assert row["type"] == "article"


def test_what_is_no_reference_is_handed_back() -> None:
    text = (
        "Klerman GL. Interpersonal psychotherapy of depression. 1984.\n\n"
        "this line says nothing at all of use\n\n12345"
    )
    result = load_text(text, "x.txt")
    assert list(result.citations["key"]) == ["klerman1984"]
    assert list(result.rejected["source_line"]) == [3, 5]
    assert result.rejected["text"].iloc[0] == "this line says nothing at all of use"


def test_dashes_stand_for_the_authors_before() -> None:
    text = (
        "Douglas, Mary. Risk and Blame. London: Routledge, 1992.\n"
        "———. Purity and Danger: An Analysis. London: Routledge, 1966."
    )
    rows = load_text(text, "x.txt").citations
    assert rows["title"].iloc[1] == "Purity and Danger: An Analysis"
    assert rows["authors"].iloc[1] == rows["authors"].iloc[0]


def test_titles_of_trial_references(samples: Path) -> None:
    path = samples / "plain" / "metapsyTools_refs_with_doi_title.json"
    truth = json.loads(path.read_text(encoding="utf-8"))
    text = "\n".join(" ".join(row["full_ref"].split()) for row in truth)
    rows = load_text(text, "x.txt").citations
    assert len(rows) == len(truth)
    known = [(row, title) for row, title in zip(truth, rows["title"], strict=True) if row["title"]]
    right = sum(normal_title(row["title"]) == normal_title(title) for row, title in known)
    assert right >= 0.95 * len(known)


def test_printed_references_of_all_kinds(samples: Path) -> None:
    path = samples / "plain" / "gold.txt"
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    result = load_citations(path)
    assert len(result.citations) + len(result.rejected) == len(lines)
    assert len(result.rejected) < 0.01 * len(lines)
    assert result.citations["year"].notna().sum() >= 1610
    assert result.citations["doi"].notna().sum() == 35
    assert result.citations["title"].notna().mean() > 0.95
