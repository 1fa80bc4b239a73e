"""RIS, nbib, Web of Science and EndNote's tagged format, whole and broken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipt_evidence.citations.loading import LoadResult, load_text

RIS = """TY  - JOUR
AU  - van der Berg, Anna
AU  - King, Martin Luther, Jr.
AU  - World Health Organization
TI  - Interpersonal psychotherapy
T2  - J Affect Disord
PY  - 2011/06/01/
VL  - 168
IS  - 6
SP  - 581
EP  - 592
DO  - https://doi.org/10.1176/APPI.ajp.2010
SN  - 0165-0327 (Print)
KW  - depression
KW  - psychotherapy
C2  - PMC3646065
LA  - ger
XX  - something of our own
UR  - javascript:alert(1)
AB  - Registered as NCT01234567.
ER  -
"""


def one(result: LoadResult) -> dict[str, object]:
    assert len(result.citations) == 1
    return dict(result.citations.iloc[0])


def notes(result: LoadResult) -> str:
    return " | ".join(result.repaired["note"])


def test_a_ris_record_in_normal_forms() -> None:
    row = one(load_text(RIS, "x"))
    assert row["title"] == "Interpersonal psychotherapy"
    assert row["authors"] == [
        {"family": "van der Berg", "given": "Anna"},
        {"family": "King", "given": "Martin Luther", "suffix": "Jr."},
        {"family": "World Health Organization", "given": ""},
    ]
    assert (row["year"], row["date"], row["pages"]) == (2011, "2011-06-01", "581-592")
    assert row["doi"] == "10.1176/appi.ajp.2010"
    assert (row["issn"], row["pmcid"], row["language"]) == ("0165-0327", "PMC3646065", "de")
    assert row["registry_ids"] == ["NCT01234567"]
    assert row["keywords"] == ["depression", "psychotherapy"]
    assert not isinstance(row["url"], str)
    assert row["raw"]["XX"] == "something of our own"
    assert row["raw"]["UR"] == "javascript:alert(1)"
    assert row["key"] == "vanderberg2011"


@pytest.mark.parametrize(
    ("text", "titles", "note"),
    [
        ("TY  - JOUR\nTI  - One\n\nTY  - JOUR\nTI  - Two\nER  - \n", ["One", "Two"], "not ended"),
        ("TY  - JOUR\nTI  - One\nER  -\nTY  - JOUR\nTI  - Two", ["One", "Two"], "not ended"),
        ("ty  - JOUR\nti  - One\nau  - A, B\ner  -\n", ["One"], "lower case"),
        ("TY - JOUR\nTI - One\nER -\n", ["One"], "odd space"),
        (
            "TI  - One\nAU  - A, B\nER  - \n\nTI  - Two\nPY  - 2000\nER  - \n",
            ["One", "Two"],
            "no type",
        ),
        (
            "TY  - JOUR\nTI  - One\nER  - \nTI  - Two\nPY  - 2000\nER  - \n",
            ["One", "Two"],
            "no type",
        ),
        ("Provider: x\n1.\nTY  - JOUR\nTI  - One\nER  - \nRecord 2\n", ["One"], ""),
        ("TY  - JOUR\nTI  - One\n  goes on\nER  - \n", ["One goes on"], ""),
        ("TY  - JOUR\nTI  - One\nAB  - TY is a tag\nto - do\nER  - \n", ["One"], ""),
    ],
)
def test_broken_ris_loses_nothing(text: str, titles: list[str], note: str) -> None:
    result = load_text(text, "x.ris")
    assert list(result.citations["title"]) == titles
    assert note in notes(result)
    assert bool(note) is bool(len(result.repaired))
    lines = text.split("\n")
    for line in result.citations["source_line"]:
        assert lines[line - 1][:2].upper() in ("TY", "TI")


def test_a_ris_record_with_nothing_in_it_is_rejected() -> None:
    result = load_text("TY  - JOUR\nER  - \nTY  - JOUR\nTI  - One\nER  - \n", "x.ris")
    assert list(result.rejected["source_line"]) == [1]
    assert len(result.citations) == 1


NBIB = """PMID- 20481061
OWN - NLM
DP  - 2009 Jul-Aug
TI  - [From danger and motherhood to health: advice
      for girls.]
LID - 10.1136/NEURINTSURG-2017 [doi]
FAU - Long, Vicky
AU  - Long V
CN  - The Study Group
LA  - eng
PMC - PMC6055010
MH  - *Depression/therapy
SI  - ClinicalTrials.gov/NCT01234567
JT  - Journal of advice
SO  - J Adv. 2009

"""


def test_an_nbib_record_in_normal_forms() -> None:
    row = one(load_text(NBIB, "x"))
    assert row["title"] == "From danger and motherhood to health: advice for girls"
    assert (row["key"], row["pmid"], row["pmcid"]) == ("pmid20481061", "20481061", "PMC6055010")
    assert (row["year"], row["date"], row["doi"]) == (2009, "2009-07", "10.1136/neurintsurg-2017")
    assert row["authors"] == [
        {"family": "Long", "given": "Vicky"},
        {"family": "The Study Group", "given": ""},
    ]
    assert row["keywords"] == ["Depression/therapy"]
    assert row["registry_ids"] == ["NCT01234567"]


def test_a_stray_line_or_an_odd_pmid_costs_nothing_else() -> None:
    odd = NBIB.replace("OWN - NLM\n", "a stray line\n").replace("20481061", "none", 1)
    result = load_text(NBIB + odd + NBIB.replace("20481061", "20481062"), "x.nbib")
    assert len(result.citations) == 3
    assert "a stray line" in notes(result)
    together = load_text(NBIB.strip() + "\n" + NBIB.replace("20481061", "20481062"), "x.nbib")
    assert list(together.citations["pmid"]) == ["20481061", "20481062"]


WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Long, V
   Marland, H
AF Long, Vicky
   Marland, Hilary
TI Interactions stabilizing the structure
   of the complex
SO BIOCHEMISTRY
PY 2001
PD MAR
BP 12
EP 24
DI 10.1021/X
DE light; bacteria
UT WOS:000167
ER

PT J
TI Second
PY 2002
PT J
TI Third
ER

EF
"""


def test_web_of_science() -> None:
    result = load_text(WOS, "x.txt")
    assert result.files["format"].item() == "wos"
    first = dict(result.citations.iloc[0])
    assert first["title"] == "Interactions stabilizing the structure of the complex"
    assert first["authors"][1] == {"family": "Marland", "given": "Hilary"}
    assert (first["pages"], first["date"], first["key"]) == ("12-24", "2001-03", "wos000167")
    assert list(result.citations["source_line"]) == [3, 20, 23]
    assert "not ended" in notes(result)


ENW = """%0 Journal Article
%A Long, Vicky
%A Marland, Hilary
%T A title
%J A journal
%D 2009
%P 12-24
%R 10.1000/X
%K one
two

%0 Book
%T Second
"""


def test_endnote_tagged() -> None:
    result = load_text(ENW, "x.txt")
    assert result.files["format"].item() == "enw"
    assert list(result.citations["type"]) == ["article", "book"]
    assert result.citations["keywords"].iloc[0] == ["one", "two"]
    assert list(result.citations["source_line"]) == [1, 12]


PIECES = st.sampled_from(
    ["TY  - JOUR", "TI  - A title", "AU  - Smith, J", "ER  - ", "AB  - text", "go on", "", "ty - x",
     "PMID- 1", "PMID- 12", "TI  - other", "OWN - NLM", "      more", "%0 Book", "%T Title", "PT J",
     "ER", "EF", "KW  -", "é", "- - -", "\ufeffTY  - BOOK"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("\n".join), st.sampled_from(["x.ris", "x.nbib", "x.enw"]))
def test_any_lines_are_read_without_failing(text: str, name: str) -> None:
    result = load_text(text, name)
    file = result.files.iloc[0]
    assert (file["records"], file["rejected"]) == (len(result.citations), len(result.rejected))
    assert result.citations["key"].is_unique
    if file["format"] == "ris":
        exact = sum(line.startswith("TY  - ") for line in text.removeprefix("\ufeff").split("\n"))
        assert file["records"] + file["rejected"] >= exact


VALUES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["TI", "AU", "N1", "ZZ"]), VALUES), min_size=1),
        min_size=1,
    )
)
def test_every_value_of_every_record_arrives(records: list[list[tuple[str, str]]]) -> None:
    text = "".join(
        "TY  - JOUR\n" + "".join(f"{tag}  - {value}\n" for tag, value in record) + "ER  - \n\n"
        for record in records
    )
    result = load_text(text, "x.ris")
    assert len(result.citations) + len(result.rejected) == len(records)
    if result.rejected.empty:
        for raw, record in zip(result.citations["raw"], records, strict=True):
            for tag, value in record:
                assert value in raw[tag]


@pytest.mark.parametrize(
    ("fields", "pmid"),
    [
        ("DB  - Scopus\nC2  - 31000005", "31000005"),
        ("DB  - Embase\nDB  - Medline\nC5  - 31000005", "31000005"),
        ("C3  - PUBMED 31000005,EMBASE 620000001", "31000005"),
        ("DB  - Ovid MEDLINE(R) <2018>\nID  - 31000005", "31000005"),
        ("DB  - MEDLINE\nAN  - NLM31000005", "31000005"),
        ("AN  - MEDLINE:31000005", "31000005"),
        ("DB  - MEDLINE®\nAN  - 2001234567; 31000005", "31000005"),
        ("DB  - APA PsycInfo\nAN  - 2001234567; 31000005", None),
        ("N1  - Accession Number: 123. Language: English. PMID: NLM31000005.", "31000005"),
        ("UR  - https://pubmed.ncbi.nlm.nih.gov/31000005/", "31000005"),
        ("DB  - CINAHL\nAN  - 31000005", None),
        ("N1  - Accession Number: 123. NLM UID: 7501160.", None),
        ("N1  - Comment in: Elm E. J X 2018. PMID: 31000005", None),
        ("M1  - Elm, E. (2018). Talk. J, 3, 1. https://pubmed.ncbi.nlm.nih.gov/31000005", None),
        ("N1  - PMID: 31000005\nN1  - PMID: 31000006", None),
    ],
)
def test_a_pmid_is_the_records_own(fields: str, pmid: str | None) -> None:
    row = one(load_text(f"TY  - JOUR\nTI  - One\n{fields}\nER  - \n", "x.ris"))
    assert (row["pmid"] if isinstance(row["pmid"], str) else None) == pmid


def test_the_authors_of_two_fields_keep_the_order_of_the_record() -> None:
    text = "TY  - JOUR\nTI  - One\nA1  - Elm E\nAU  - Fir F\nAU  - Elm E\nSP  - pii: E12\nER  - \n"
    row = one(load_text(text, "x.ris"))
    assert row["authors"] == [
        {"family": "Elm", "given": "E"},
        {"family": "Fir", "given": "F"},
    ]
    assert row["pages"] == "E12"


@pytest.mark.parametrize(
    ("fields", "pages"),
    [
        ("LID - 1219 [pii]\nLID - 10.9999/x [doi]", "1219"),
        ("LID - e0123 [pii]", "e0123"),
        ("PG  - 1-9\nLID - 1219 [pii]", "1-9"),
        ("AID - S0165-0327(19)31234-5 [pii]", None),
        ("AID - bhz123456 [pii]", None),
    ],
)
def test_the_number_of_an_article_without_pages(fields: str, pages: str | None) -> None:
    row = one(load_text(f"PMID- 31000005\nTI  - One.\n{fields}\n\n", "x.nbib"))
    assert (row["pages"] if isinstance(row["pages"], str) else None) == pages


@pytest.mark.parametrize(
    ("field", "people"),
    [
        ("O'Elm, E.,Fir, F.,Oak, O.", ["O'Elm|E.", "Fir|F.", "Oak|O."]),
        ("Elm A, Fir B, Oak C", ["Elm|A", "Fir|B", "Oak|C"]),
        ("Elm, Eve; Fir, Fay", ["Elm|Eve", "Fir|Fay"]),
        ("Elm, Eve and Fir, Fay", ["Elm|Eve", "Fir|Fay"]),
        ("King, M. L., Jr.", ["King|M. L."]),
        ("Center for Health, Research and Care", ["Center for Health|Research and Care"]),
    ],
)
def test_several_people_in_one_field(field: str, people: list[str]) -> None:
    row = one(load_text(f"TY  - JOUR\nTI  - One\nAU  - {field}\nER  - \n", "x.ris"))
    authors: list[dict[str, str]] = row["authors"]  # type: ignore[assignment]
    assert [f"{person['family']}|{person['given']}" for person in authors] == people
