"""Printed references: APA 7, Vancouver, AMA, letter by letter as the manuals show them."""

from __future__ import annotations

import pytest

from ipt_evidence.citations.loading import load_text
from ipt_evidence.citations.writers import write_citations
from ipt_evidence.citations.writers.formatted import STYLES, references
from ipt_evidence.errors import CitationError

LIBRARY = """
@article{a, title = {Interpersonal psychotherapy for depression: a meta-analysis},
 author = {Cuijpers, Pim and Geraedts, Anna S. and van Oppen, Patricia and Andersson, Gerhard and
  Markowitz, John C. and van Straten, Annemieke and Last, One}, year = 2011, volume = 168,
 number = 6, pages = {581--592}, journal = {American Journal of Psychiatry},
 doi = {10.1176/appi.ajp.2010.10101411}, abstract = {Long.}, keywords = {IPT}}
@book{b, title = {Comprehensive guide to interpersonal psychotherapy}, year = 2000,
 author = {Weissman, Myrna M. and Klerman, Gerald L.}, publisher = {Basic Books},
 address = {New York}}
@article{c, title = {Does it work?}, author = {{World Health Organization}}, year = 2018,
 journal = {Lancet}, volume = 5, pages = {1--16}}
@article{d, title = {No author known}, journal = {Lancet}, year = 2019, pages = {e12}}
"""
EXPECTED = {
    "apa": [
        "Cuijpers, P., Geraedts, A. S., van Oppen, P., Andersson, G., Markowitz, J. C., "
        "van Straten, A., & Last, O. (2011). Interpersonal psychotherapy for depression: A "
        "meta-analysis. American Journal of Psychiatry, 168(6), 581–592. "
        "https://doi.org/10.1176/appi.ajp.2010.10101411",
        "No author known. (2019). Lancet, e12.",
        "Weissman, M. M., & Klerman, G. L. (2000). Comprehensive guide to interpersonal "
        "psychotherapy. Basic Books.",
        "World Health Organization. (2018). Does it work? Lancet, 5, 1–16.",
    ],
    "vancouver": [
        "1. Cuijpers P, Geraedts AS, van Oppen P, Andersson G, Markowitz JC, van Straten A, et al. "
        "Interpersonal psychotherapy for depression: a meta-analysis. American Journal of "
        "Psychiatry. 2011;168(6):581-92. doi:10.1176/appi.ajp.2010.10101411",
        "2. Weissman MM, Klerman GL. Comprehensive guide to interpersonal psychotherapy. "
        "New York: Basic Books; 2000.",
        "3. World Health Organization. Does it work? Lancet. 2018;5:1-16.",
        "4. No author known. Lancet. 2019;e12.",
    ],
    "ama": [
        "1. Cuijpers P, Geraedts AS, van Oppen P, et al. Interpersonal psychotherapy for "
        "depression: a meta-analysis. American Journal of Psychiatry. 2011;168(6):581-592. "
        "doi:10.1176/appi.ajp.2010.10101411",
        "2. Weissman MM, Klerman GL. Comprehensive Guide to Interpersonal Psychotherapy. "
        "Basic Books; 2000.",
        "3. World Health Organization. Does it work? Lancet. 2018;5:1-16.",
        "4. No author known. Lancet. Published online 2019:e12.",
    ],
}


@pytest.mark.parametrize("style", STYLES)
def test_references_as_the_manuals_show_them(style: str) -> None:
    citations = load_text(LIBRARY, "a.bib").citations
    assert write_citations(citations, style).splitlines() == EXPECTED[style]


CUT = "@article{{a, author = {{{names} and others}}, title = {{T one}}, year = 2001}}"
NAMES = [f"Fam{letter}, A." for letter in "abcdefghijklmnopqrstuvwxy"]


@pytest.mark.parametrize(
    ("style", "known", "wanted"),
    [
        ("apa", 1, "Fama, A., … (2001). T one."),
        ("apa", 2, "Fama, A., Famb, A., … (2001). T one."),
        ("apa", 25, ", ".join(NAMES[:19]) + ", … (2001). T one."),
        ("vancouver", 1, "1. Fama A, et al. T one. 2001."),
        ("vancouver", 7, "1. Fama A, Famb A, Famc A, Famd A, Fame A, Famf A, et al. T one. 2001."),
        ("ama", 2, "1. Fama A, Famb A, et al. T one. Published online 2001."),
        ("ama", 7, "1. Fama A, Famb A, Famc A, et al. T one. Published online 2001."),
    ],
)
def test_an_incomplete_list_of_authors_is_marked_as_the_style_does(
    style: str, known: int, wanted: str
) -> None:
    citations = load_text(CUT.format(names=" and ".join(NAMES[:known])), "a.bib").citations
    assert references(citations, style) == [wanted]


def test_every_record_gets_a_reference_even_an_empty_one() -> None:
    citations = load_text("@misc{a, note = {x}}\n@misc{b, title = {Only a title}}").citations
    assert references(citations, "vancouver") == [
        "1. [a record without authors, title, source and year]",
        "2. Only a title.",
    ]


def test_an_unknown_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CitationError, match="apa, vancouver, ama"):
        references(load_text(LIBRARY).citations, "mla")
