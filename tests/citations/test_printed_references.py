"""Single printed references of many styles: authors, year, title and source as they mean them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipt_evidence.citations.loading import load_citations, load_text
from ipt_evidence.citations.readers.printed_reference import Reference, parse_reference


def names(reference: Reference) -> list[tuple[str, str]]:
    return [(person["family"], person["given"]) for person in reference.authors]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (
            "Alder JA, Birch C. Cognitive and interpersonal therapy. Acta Imag. 2013;7(2):9-18.",
            [("Alder", "JA"), ("Birch", "C")],
        ),
        ("Alder J. Grief. Acta Imag. 2013;7(2):9-18.", [("Alder", "J")]),
        (
            "Alder, J. C., Birch, D. E. & Cedar, F. G. A scale of grief. Acta 7, 9 (1995).",
            [("Alder", "J. C."), ("Birch", "D. E."), ("Cedar", "F. G.")],
        ),
        (
            "Alder, J.P., Birch, T.M.K., and Cedar, R.D. (2009). Grief in dogs. Acta 29, 11-19.",
            [("Alder", "J.P."), ("Birch", "T.M.K."), ("Cedar", "R.D.")],
        ),
        (
            "Alder, S. Birch, I. Cedar, O. (2009). Shared grief. Acta Imaginaria, 4(4), 287-293.",
            [("Alder", "S."), ("Birch", "I."), ("Cedar", "O.")],
        ),
        (
            "Alder, Michael, & Birch, Michelle E. 1994. Grief in young dogs. Acta 30, 639-650.",
            [("Alder", "Michael"), ("Birch", "Michelle E.")],
        ),
        (
            "JA Alder, CD Birch and EF Cedar: Grief in nurses. Acta Imag 24, 270-275 (2003)",
            [("Alder", "JA"), ("Birch", "CD"), ("Cedar", "EF")],
        ),
        (
            "Ann Alder, Bo Birch, and J. H. Cedar. Grief in dogs and cats. Acta, 5(1):15-17, 1976.",
            [("Alder", "Ann"), ("Birch", "Bo"), ("Cedar", "J. H.")],
        ),
        (
            "Alder JA, Birch C; Grief Study Group; Doe D. A trial of walks. Acta. 2004;36(9):12-4.",
            [("Alder", "JA"), ("Birch", "C"), ("Grief Study Group", ""), ("Doe", "D")],
        ),
        (
            "R. H. Alder, Materials of Grief, Imaginary College Press, 1998.",
            [("Alder", "R. H.")],
        ),
        (
            "Alder, C. Dorothea. “A Theory of Grief.” Acta 9 (1965): 70-81.",
            [("Alder", "C. Dorothea")],
        ),
        (
            "Alder, Marie-Luise von. Reflections on grief. Oslo: Open Books, 1980.",
            [("Alder", "Marie-Luise von")],
        ),
        (
            "World Health Organization. (2016). Grief in groups.",
            [("World Health Organization", "")],
        ),
        (
            "National Institute for Grief and Care Excellence (2022) Grief in adults: treatment.",
            [("National Institute for Grief and Care Excellence", "")],
        ),
        (
            "Imaginary Psychiatric Association. Manual of grief. 5th ed. Oslo: IPA; 2013.",
            [("Imaginary Psychiatric Association", "")],
        ),
    ],
)
def test_authors(printed: str, expected: list[tuple[str, str]]) -> None:
    assert names(parse_reference(printed)) == expected


def test_a_suffix_stands_before_or_behind_the_comma() -> None:
    for printed in (
        "Alder Jr., B. C., & Birch, D. (1990).",
        "Alder, B. C., Jr., & Birch, D. (1990).",
    ):
        found = parse_reference(f"{printed} Grief in dogs. Acta Imaginaria, 65, 215-227.").authors
        assert [person["family"] for person in found] == ["Alder", "Birch"]
        assert found[0].get("suffix", "").startswith("Jr")


@pytest.mark.parametrize(
    ("printed", "year"),
    [
        (
            "Alder, Ann. “The Secret of Grief.” Grief Blog, 2 Aug. 2006. Accessed 9 Sept. 2016.",
            2006,
        ),
        ("Birch, B. Howard’s Grief. New York: Noble Classics, 2003 [1910].", 2003),
        ("Grief Office. Guide [Internet]. Oslo: GO; 2016 [cited 2021 May 3].", 2016),
        (
            "Grief Office. Guide. Oslo: GO; 2016 [updated 2018 Jan 4; cited 2021 May 3].",
            2016,
        ),
        ("Birch, B. (1910/2003). Grief and therapy. Noble Classics.", 2003),
        ("Birch, B. (1953). On grief. Hogarth. (Original work published 1900)", 1953),
        ("Birch B. Grief in mice. Science 264, 1772-1775 (1994).", 1994),
        (
            "Elm, E. (2013) Grief at home. Available at: https://e.org (Accessed: 12 May 2023).",
            2013,
        ),
    ],
)
def test_the_year_is_that_of_this_edition(printed: str, year: int) -> None:
    assert parse_reference(printed).year == year


@pytest.mark.parametrize(
    ("printed", "title", "container"),
    [
        (
            "Alder, A. and Birch, B.C. (2016) 'What's new in grief: an analysis', Imaginary "
            "Journal of Grief, 173(7), pp. 680-687.",
            "What's new in grief: an analysis",
            "Imaginary Journal of Grief",
        ),
        (
            "Elm, E. (2013) 'Therapy for grief', in Alder, A. and Birch, B. (eds) Grief essentials."
            " New York: Norton, pp. 15-40.",
            "Therapy for grief",
            "Grief essentials",
        ),
        (
            "Alder AA. Disorders of grief. In: Doe JT, Roe RR, eds. Mother of Grief. 7th ed. "
            "Imaginary Publications; 2022:89-106.",
            "Disorders of grief",
            "Mother of Grief",
        ),
        (
            "Cedar, C. (2012). Grief in mothers. In P. Doe & R. Roe (Eds.), Grief to go (pp. 1-9). "
            "W. W. Norton.",
            "Grief in mothers",
            "Grief to go",
        ),
        (
            "Elm, Ed. 2012. “Grief at Home.” In New Perspectives on Grief, edited by Bo Birch and "
            "Ann Alder, 1–12. Oz: Noble.",
            "Grief at Home",
            "New Perspectives on Grief",
        ),
        (
            "Elm, Eva. “Grief in Novels.” Childhood and Grief. Ed. Ann Alder. Oz: Imp, 2013. 1-12.",
            "Grief in Novels",
            "Childhood and Grief",
        ),
        (
            "Alder, A. (2001). Grief in mothers. What works? Imaginary Journal, 3(2), 45-67.",
            "Grief in mothers. What works?",
            "Imaginary Journal",
        ),
        (
            "A. Alder, B. Birch, Grief in mothers and fathers, Int. J. Imag. 12 (2004) 12–34.",
            "Grief in mothers and fathers",
            "Int. J. Imag.",
        ),
        (
            "Alder, A., Birch, B., Grief at sea, its course and end, IEEE Transactions on Systems, "
            "Man, and Grief, vol. 36, no. 9, 2001.",
            "Grief at sea, its course and end",
            "IEEE Transactions on Systems, Man, and Grief",
        ),
        (
            "Ann Alder, The Grief Imperative: Pain, Loss, Politics (Oslo: Open Press, 2005).",
            "The Grief Imperative: Pain, Loss, Politics",
            "",
        ),
        ("[7] A. Alder, B. Birch, Acta Lett. 2010, 10, 1082.", "", "Acta Lett"),
        (
            "ALDER, Anne. La prise en charge du deuil. Soins Cadres, mai 2006, n°58. p. 17-60.",
            "La prise en charge du deuil",
            "Soins Cadres",
        ),
        (
            "Elm E, 'Grief and the law: a review' (2013) 12 Imaginary Law Review 34.",
            "Grief and the law: a review",
            "Imaginary Law Review",
        ),
        (
            "Ann Alder and Bo Birch. Grief in robots. In 8th Imaginary Conference, pages 381–386, "
            "June 2011.",
            "Grief in robots",
            "8th Imaginary Conference",
        ),
    ],
)
def test_title_and_where_it_appeared(printed: str, title: str, container: str) -> None:
    reference = parse_reference(printed)
    assert (reference.title, reference.source.container) == (title, container)


def test_references_without_a_number_behind_numbered_ones(fixtures: Path) -> None:
    rows = load_citations(fixtures / "printed_styles.txt").citations
    assert list(rows["year"]) == [2013, 2005, 2003, 2004]
    assert list(rows["source_line"]) == [1, 3, 5, 7]
    assert [people[0]["family"] for people in rows["authors"]] == ["Alder", "Cedar", "Elm", "Fir"]
    assert rows["title"].iloc[0] == "Cognitive and interpersonal therapy for grief"


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_one_list_without_numbers_in_two_styles(fixtures: Path, gap: str) -> None:
    text = (fixtures / "printed_styles.txt").read_text(encoding="utf-8")
    lines = [line.lstrip("12. ") for line in text.split("\n") if line]
    rows = load_text(gap.join(lines), "two.txt").citations
    assert list(rows["year"]) == [2013, 2005, 2003, 2004]
    rows = load_text(text.replace("\n\n", "\n"), "close.txt").citations
    assert list(rows["year"]) == [2013, 2005, 2003, 2004]
