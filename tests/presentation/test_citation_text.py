"""A reference as a line of text, and where a number opens."""

from __future__ import annotations

from typing import Any

import pytest

from ipt_evidence.citations.loading import load_text
from ipt_evidence.wording.citation_text import citation_line, places, reference_url

ARTICLE = "@article{{a, author = {{{names}}}, title = {{T one}}, year = 2001, {more}}}"


def record(names: str = "Smith, A.", more: str = "") -> dict[str, Any]:
    loaded = load_text(ARTICLE.format(names=names, more=more), "a.bib").citations
    return dict(loaded.iloc[0])


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("Smith, A. and Jones, B.", "Smith & Jones (2001). T one."),
        ("Smith, A. and others", "Smith et al. (2001). T one."),
        ("Smith, A. and Jones, B. and others", "Smith et al. (2001). T one."),
        ("A, A. and B, B. and C, C. and D, D.", "A et al. (2001). T one."),
    ],
)
def test_authors_who_are_not_named_make_a_line_end_in_et_al(names: str, line: str) -> None:
    assert citation_line(record(names)) == line


def test_a_paper_opens_at_its_doi_then_pubmed_then_pmc_then_its_own_address() -> None:
    url, pmc = "url = {https://journal.org/1}", "pmcid = {PMC77}"
    assert reference_url(record()) is None
    assert reference_url(record(more=url)) == "https://journal.org/1"
    assert reference_url(record(more=f"{url}, {pmc}")) == (
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC77/"
    )
    assert reference_url(record(more=f"{url}, {pmc}, pmid = 5")) == (
        "https://pubmed.ncbi.nlm.nih.gov/5/"
    )
    assert reference_url(record(more=f"{pmc}, pmid = 5, doi = {{10.5555/x}}")) == (
        "https://doi.org/10.5555/x"
    )


def test_a_number_opens_at_the_publication_first_and_where_it_was_read_second() -> None:
    paper, mirror = record(more="doi = {10.5555/x}"), "https://www.mirror.org/5"
    own = ("open the publication", "https://doi.org/10.5555/x")
    assert places(paper, mirror) == [own, ("where we read it: mirror.org", mirror)]
    assert places(paper, own[1]) == [own]
    assert places(None, mirror) == [("where we read it: mirror.org", mirror)]
    assert places(record(), "") == []


def test_a_row_of_a_database_is_named_by_its_line() -> None:
    row = "https://github.com/a/b/blob/0c26f8f/data.csv?plain=1#L65"
    assert places(None, row) == [("where we read it: github.com, line 65", row)]
