from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipt_evidence.citations.identifiers import normal_doi, normal_pmid, registry_ids_in
from ipt_evidence.citations.latex import decode
from ipt_evidence.citations.normal_forms import (
    normal_language,
    normal_pages,
    normal_space,
    normal_title,
    year_in,
)
from ipt_evidence.citations.people import parse_names, people_of_cell


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://onlinelibrary.wiley.com/doi/10.1002/jclp.1/abstract", "10.1002/jclp.1"),
        ("10.3389/fpsyt.2012.00001/full", "10.3389/fpsyt.2012.00001"),
        ("10.1176/APPI.AJP.2010.10101411", "10.1176/appi.ajp.2010.10101411"),
        ("https://doi.org/10.1000/x.", "10.1000/x"),
        ("http://dx.doi.org/10.1016/S2213-8587(18)30038-X", "10.1016/s2213-8587(18)30038-x"),
        ("doi: 10.1000/abc).", "10.1000/abc"),
        ("https://doi.org/10.1000%2Fabc", "10.1000/abc"),
        (
            "10.1002/(SICI)1097(199601)1:1<1::AID>3.0.CO;2-0",
            "10.1002/(sici)1097(199601)1:1<1::aid>3.0.co;2-0",
        ),
        ("10.1016/j.reprotox.2013.06.070&partnerID=40&md5=df1a", "10.1016/j.reprotox.2013.06.070"),
        ("https://doi.org/10.1000/x?via=ihub", "10.1000/x"),
        ("11.1000/x", None),
        ("", None),
        (None, None),
    ],
)
def test_doi(text: str | None, doi: str | None) -> None:
    assert normal_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("581--592", "581-592"),
        ("581 – 592", "581-592"),
        ("pp. 581-592", "581-592"),
        ("S12-S15", "S12-S15"),
        ("e0123", "e0123"),
        ("1-7, 10-12", "1-7, 10-12"),
        ("", None),
    ],
)
def test_pages(text: str, pages: str | None) -> None:
    assert normal_pages(text) == pages


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ngerman", "de"),
        ("English", "en"),
        ("pt-BR", "pt"),
        ("spa", "es"),
        ("Klingon", "klingon"),
        ("", None),
    ],
)
def test_language(text: str, code: str | None) -> None:
    assert normal_language(text) == code


def test_year_and_pmid() -> None:
    assert year_in("2011-03/2012") == 2011
    assert year_in("123456") is None
    assert year_in("forthcoming") is None
    assert normal_pmid("PMID: 0021362740") == "21362740"
    assert normal_pmid("PMC3646065") is None


def test_title_for_comparing() -> None:
    assert normal_title("Séance: A Meta‐Analysis of H₂O!") == "seance a meta analysis of h2o"


@pytest.mark.parametrize(
    "function", [normal_doi, normal_pages, normal_language, normal_pmid, normal_title, normal_space]
)
@given(text=st.text(max_size=60) | st.from_regex(r"(doi:)?10\.\d{4}/[!-~]{1,15}", fullmatch=True))
def test_normalising_twice_is_normalising_once(function: object, text: str) -> None:
    assert callable(function)
    once = function(text)
    assert function(once if once is not None else "") == once or once in (None, "")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"caf\'{e} caf{\'e} caf\'e", "café café café"),
        (r"\"o {\ss} \o re {\aa} \c{c} \v{s} \H{o} \~n \k{a} \.z", "ö ß øre å ç š ő ñ ą ż"),
        (r"{\'\i} \'{\i} {\i}", "í í ı"),
        (r"A \& B \% \_ \# \$", "A & B % _ # $"),
        ("1--2 --- ``x''", "1–2 — “x”"),
        (r"\textit{a}\emph{b}{\em c}\url{http://x.org/~y}", "abchttp://x.org/~y"),
        (r"$p < .05$ and $\alpha$", "p < .05 and α"),
        (r"H$_2$O m\textsuperscript{2}", "H₂O m²"),
        (r"100% sure \foo{bar}", "100% sure bar"),
        ("a~b {C}{D}", "a b CD"),
        (r"cos\"{o}", "cosö"),
        (r"\{ kept \}", "{ kept }"),
        ("plain text", "plain text"),
    ],
)
def test_latex(latex: str, text: str) -> None:
    assert decode(latex) == text


@given(st.text(alphabet=r"\{}$~^_'\"`abc éI%&#- ", max_size=80))
def test_latex_never_fails(text: str) -> None:
    assert isinstance(decode(text), str)


@pytest.mark.parametrize(
    ("text", "people", "others"),
    [
        ("Cuijpers, Pim and others", [("Cuijpers", "Pim")], True),
        ("Pim Cuijpers", [("Cuijpers", "Pim")], False),
        ("Vincent van Gogh", [("van Gogh", "Vincent")], False),
        ("van der Berg, Jan", [("van der Berg", "Jan")], False),
        (
            "{NICE and SIGN} and {\\O}degaard, Å.",
            [("NICE and SIGN", ""), ("Ødegaard", "Å.")],
            False,
        ),
        ("Smith, J. et al.", [("Smith", "J.")], True),
        ("family=Berg, given=Jan, prefix=van den", [("van den Berg", "Jan")], False),
        ("A and ,", [("A", "")], False),
        ("", [], False),
    ],
)
def test_names(text: str, people: list[tuple[str, str]], others: bool) -> None:
    found, et_al = parse_names(text)
    assert [(person["family"], person["given"]) for person in found] == people
    assert et_al is others


@given(st.text(alphabet="aB{},.and \\'~=", max_size=60))
def test_names_never_fail(text: str) -> None:
    people, _ = parse_names(text)
    assert all(person["family"] for person in people)


SICI = "10.1002/1098-108x(200007)28:1<1::aid-eat1>3.0.co;2-d"


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        (SICI.upper(), SICI),
        (f"https://doi.org/{SICI}", SICI),
        (SICI.replace("<", "&lt;").replace(">", "&gt;"), SICI),
        (SICI.replace("<", "{\\textless}").replace(">", "{\\textgreater}"), SICI),
        (SICI.replace("<", "\\textless{}").replace(">", "\\textgreater{}"), SICI),
        (SICI.replace("<", "$<$").replace(">", "$>$"), SICI),
        (SICI.replace("<", "%3C").replace(">", "%3E"), SICI),
        (
            "10.1175/1520-0493(1999)127<2279:AROEBS>2.0.CO;2",
            "10.1175/1520-0493(1999)127<2279:aroebs>2.0.co;2",
        ),
        ("10.9999/abc<br>", "10.9999/abc"),
    ],
)
def test_a_doi_with_signs_of_markup_is_whole(text: str, doi: str) -> None:
    assert normal_doi(text) == doi


@pytest.mark.parametrize(
    "number",
    [
        *("JapicCTI-123456", "JMA-IIA00123", "PER-012-19", "LBCTR2019123456", "NL-OMON12345"),
        *(
            "ITMCTR2021000001",
            "HKUCTR-1234",
            "PHRR210506-003535",
            "SLCTR/2019/012",
            "RPCEC00000123",
        ),
    ],
)
def test_registrations_of_more_registries(number: str) -> None:
    assert registry_ids_in(f"Registered as {number}.") == [number]


def test_a_registration_under_the_eu_regulation() -> None:
    assert registry_ids_in("EU CT number: 2022-500123-11-00") == ["CTIS2022-500123-11-00"]


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        (
            "Eve A. Elm; M. Fay Fir; Otto van der Oak",
            ["Elm|Eve A.", "Fir|M. Fay", "van der Oak|Otto"],
        ),
        ("Elm, Eve; Fir, Fay & Oak, Otto", ["Elm|Eve", "Fir|Fay", "Oak|Otto"]),
        ("Smith & Nephew; Elm, E", ["Smith & Nephew|", "Elm|E"]),
        ("['Elm, Eve', \"O'Fir, Fay\"]", ["Elm|Eve", "O'Fir|Fay"]),
        ("Elm, Eve (University of Oz); Fir, Fay <fay@oz.example>", ["Elm|Eve", "Fir|Fay"]),
        ("Elm C D; Fir A", ["Elm|C D", "Fir|A"]),
        ("World Health Organization; Elm E", ["World Health Organization|", "Elm|E"]),
        ("Eve ElmFay McFir", ["Elm|Eve", "McFir|Fay"]),
        ("Wei Wang 0001; Li Liu 0012", ["Wang|Wei", "Liu|Li"]),
    ],
)
def test_the_people_of_one_cell(cell: str, people: list[str]) -> None:
    found, more = people_of_cell(cell)
    assert [f"{one['family']}|{one['given']}" for one in found] == people
    assert not more


def test_the_number_that_dblp_puts_behind_a_name() -> None:
    assert parse_names("Wei Wang 0001 and Li Liu")[0] == [
        {"family": "Wang", "given": "Wei"},
        {"family": "Liu", "given": "Li"},
    ]
