"""CSL-JSON, EndNote XML, PubMed XML, tables and workbooks, whole and broken."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipt_evidence.citations.loading import load_text
from ipt_evidence.errors import CitationError

ITEM = {
    "id": "long2009",
    "type": "chapter",
    "title": "On <i>Homo</i> &amp; others",
    "author": [
        {"family": "Berg", "given": "Anna", "non-dropping-particle": "van der"},
        {"literal": "World Health Organization"},
        {"family": "et al."},
    ],
    "issued": {"date-parts": [["2009", 7]]},
    "container-title": "The book",
    "DOI": "10.1000/ABC",
    "PMID": "123",
    "custom": {"a": [1]},
}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ITEM]),
        json.dumps({"items": [ITEM]}),
        json.dumps(ITEM),
        json.dumps(ITEM) + "\n",
        json.dumps({"version": 1, "references": [ITEM]}, indent=1),
    ],
)
def test_csl_json_in_every_wrapping(text: str) -> None:
    result = load_text(text, "x.txt")
    assert result.files["format"].item() == "csl-json"
    row = result.citations.iloc[0]
    assert row["title"] == "On Homo & others"
    assert row["authors"] == [
        {"family": "van der Berg", "given": "Anna"},
        {"family": "World Health Organization", "given": ""},
    ]
    assert row["et_al"]
    assert (row["year"], row["date"], row["type"]) == (2009, "2009-07", "incollection")
    assert (row["doi"], row["pmid"], row["key"]) == ("10.1000/abc", "123", "long2009")
    assert json.loads(row["raw"]["custom"]) == {"a": [1]}


def test_a_broken_json_item_costs_itself() -> None:
    good = json.dumps({"title": "good"})
    result = load_text(f'[{good},\n{{"title": "a " quote"}},\n{good}, 3, {{}}]', "x.json")
    assert list(result.citations["title"]) == ["good", "good"]
    assert list(result.rejected["source_line"]) == [2, 3, 3]
    assert "not valid JSON" in result.rejected["reason"].iloc[0]


def test_json_of_another_kind_is_refused() -> None:
    with pytest.raises(CitationError, match="no list of CSL items"):
        load_text('{"hits": 3}', "reply.json")


RECORD = (
    "<record><ref-type name='Journal Article'>17</ref-type><contributors><authors><author>"
    "<style face='normal'>Long, V.</style></author></authors></contributors><titles><title>"
    "<style>A </style><style face='italic'>title</style></title>"
    "<secondary-title>J</secondary-title></titles><dates><year>2009</year></dates><custom7>kept</custom7>{}</record>\n"
)


def test_endnote_xml() -> None:
    text = "<?xml version='1.0'?><xml><records>" + RECORD.format("") * 2 + "</records></xml>"
    result = load_text(text, "x.txt")
    assert result.files["format"].item() == "endnote-xml"
    row = result.citations.iloc[1]
    assert (row["title"], row["year"], row["container_title"]) == ("A title", 2009, "J")
    assert row["raw"]["custom7"] == "kept"


def test_entities_are_never_expanded_and_files_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", encoding="utf-8")
    doctype = (
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY a "aaaaaaaaaa">'
        '<!ENTITY b "&a;&a;&a;&a;">]>'
    )
    body = RECORD.format("<abstract>&x; &b; &nbsp;&auml; A & B</abstract>")
    result = load_text(
        f"<?xml version='1.0'?>{doctype}<xml><records>{body}</records></xml>", "x.xml"
    )
    assert result.citations["abstract"].item() == "&x; &b; ä A & B"
    inner = RECORD.format("<notes><!DOCTYPE r [<!ENTITY a 'b'>]></notes>")
    result = load_text(f"<xml><records>{inner}{body}</records></xml>", "x.xml")
    assert len(result.rejected) == len(result.citations) == 1


def test_one_broken_xml_record_costs_itself() -> None:
    broken = RECORD.format("<abstract>never closed")
    text = f"<xml><records>{RECORD.format('')}{broken}{RECORD.format('')}</records></xml>"
    result = load_text(text, "x.xml")
    assert len(result.citations) == 2
    assert result.rejected["source_line"].item() == 2
    assert "not well-formed" in result.rejected["reason"].item()


PUBMED = """<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation>
<PMID>20481061</PMID><Article><Journal><ISSN>0955-2359</ISSN><JournalIssue><Volume>20</Volume>
<Issue>4</Issue><PubDate><Year>2009</Year><Month>Jul</Month></PubDate></JournalIssue>
<Title>A journal</Title></Journal><ArticleTitle>Of <i>girls</i>.</ArticleTitle>
<Pagination><MedlinePgn>454-81</MedlinePgn></Pagination>
<Abstract><AbstractText Label="AIM">One.</AbstractText><AbstractText>NCT01234567.</AbstractText>
</Abstract><AuthorList CompleteYN="N"><Author><LastName>Long</LastName><ForeName>Vicky</ForeName>
<Suffix>Jr</Suffix></Author><Author><CollectiveName>A Group</CollectiveName></Author></AuthorList>
<Language>eng</Language></Article></MedlineCitation><PubmedData><ArticleIdList>
<ArticleId IdType="doi">10.1000/X</ArticleId><ArticleId IdType="pmc">PMC123</ArticleId>
</ArticleIdList><ReferenceList><Reference><ArticleIdList><ArticleId IdType="pubmed">9</ArticleId>
</ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle></PubmedArticleSet>"""


def test_pubmed_xml() -> None:
    row = load_text(PUBMED, "x").citations.iloc[0]
    assert (row["title"], row["abstract"]) == ("Of girls", "AIM: One. NCT01234567.")
    assert row["authors"] == [
        {"family": "Long", "given": "Vicky", "suffix": "Jr"},
        {"family": "A Group", "given": ""},
    ]
    assert row["et_al"]
    assert (row["pmid"], row["pmcid"], row["doi"]) == ("20481061", "PMC123", "10.1000/x")
    assert (row["date"], row["pages"], row["issn"]) == ("2009-07", "454-81", "0955-2359")
    assert row["registry_ids"] == ["NCT01234567"]


TABLES = {
    "Scopus": (
        "Authors,Author(s) ID,Title,Year,Source title,Page start,Page end,DOI,PubMed ID\n"
        '"Gao X., Ni W.","1;2",A title,2021,A journal,1,9,10.1000/x,123\n'
    ),
    "PubMed": (
        "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,"
        'DOI\n123,A title,"Gao X, Ni W.",x,Gao X,A journal,2021,2021/05/01,,10.1000/x\n'
    ),
    "Zotero": (
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Pages"\n'
        '"ABCD","journalArticle","2021","Gao, X.; Ni, W.","A title","A journal","10.1000/X","1-9"\n'
    ),
    "Embase": (
        "TITLE;AUTHOR NAMES;SOURCE;PUBLICATION YEAR;DOI;MEDLINE PMID\n"
        "A title;Gao X., Ni W.;A journal;2021;10.1000/x;123\n"
    ),
    "Rayyan": (
        "key,title,year,month,journal,issn,volume,issue,pages,authors,url,abstract,doi\n"
        'rayyan-1,A title,2021,,A journal,,1,,,"Gao, X. and Ni, W.",,,10.1000/x\n'
    ),
    "TSV": "doi\ttitle\tauthors\tjournal\tyear\n"
    "10.1000/x\tA title\tGao, X.; Ni, W.\tA journal\t2021\n",
    "German": "Titel;Autoren;Jahr;Zeitschrift;DOI\nA title;Gao, X.; 2021;A journal;10.1000/x\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_many_exporters(name: str) -> None:
    result = load_text(TABLES[name], "export.txt")
    assert result.files["format"].item() == "table"
    row = result.citations.iloc[0]
    assert (row["title"], row["doi"]) == ("A title", "10.1000/x")
    assert row["authors"][0]["family"] == "Gao"
    if name != "German":
        assert (row["year"], row["container_title"]) == (2021, "A journal")
        assert [person["family"] for person in row["authors"]] == ["Gao", "Ni"]


def test_cells_with_line_breaks_and_rows_that_are_odd() -> None:
    text = 'Title,DOI,Mine\n"One\nand more",10.1000/a,=1+1\n,,only mine\nTwo,10.1000/b,x,extra\n'
    result = load_text(text, "x.csv")
    assert list(result.citations["title"]) == ["One and more", "Two"]
    assert list(result.citations["source_line"]) == [2, 5]
    assert result.citations["raw"].iloc[0]["Mine"] == "=1+1"
    assert result.citations["raw"].iloc[1]["column beyond the header"] == "extra"
    assert result.rejected["source_line"].item() == 4
    assert "4 cells under 3 headings" in result.repaired["note"].item()


def test_a_table_without_known_columns_is_refused() -> None:
    with pytest.raises(CitationError, match="Name the columns"):
        load_text("a,b\n1,2\n", "x.csv")


def test_workbooks() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["nothing", "here"])
    sheet = book.create_sheet("References")
    sheet.append(["Title", "Authors", "Year", "DOI"])
    sheet.append(["A title", "Gao, X.; Ni, W.", 2021.0, "10.1000/X"])
    sheet.append([None, None, None, None])
    sheet.append(["=1+1", "x", None, None])
    data = io.BytesIO()
    book.save(data)
    result = load_text(data.getvalue(), "x.bin")
    assert result.files["format"].item() == "xlsx"
    assert "References" in result.files["note"].item()
    assert result.citations["year"].iloc[0] == 2021
    assert len(result.citations) == 2


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).filter(str.strip),
            st.text('",;\n\tab', max_size=8),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_row_of_a_table_arrives(rows: list[tuple[str, str]]) -> None:
    import csv

    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["Title", "Note"])
    writer.writerows(rows)
    result = load_text(file.getvalue(), "x.csv")
    assert len(result.citations) + len(result.rejected) == len(rows)


@pytest.mark.parametrize(
    ("database", "number", "pmid"),
    [
        ("", "21362740", "21362740"),
        ("MEDLINE Ovid Technologies", "21362740", "21362740"),
        ("NLM", "12", "12"),
        ("PsycINFO", "21362740", None),
        ("Embase Ovid", "21362740", None),
        ("CINAHL EBSCOhost", "10456789", None),
        ("", "604567890", None),
        ("", "WOS:000123", None),
    ],
)
def test_an_accession_number_is_a_pmid_only_where_pubmed_gave_it(
    database: str, number: str, pmid: str | None
) -> None:
    xml = (
        '<xml><records><record><ref-type name="Journal Article">17</ref-type><titles><title>T'
        f"</title></titles><accession-num>{number}</accession-num><remote-database-name>{database}"
        "</remote-database-name></record></records></xml>"
    )
    tagged = f"%0 Journal Article\n%T T\n%M {number}\n%~ {database}\n"
    for text, name in ((xml, "x.xml"), (tagged, "x.enw")):
        found = load_text(text, name).citations["pmid"].iloc[0]
        assert (found if isinstance(found, str) else None) == pmid


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"issued": {"year": "2001", "month": 2}}, {"year": 2001, "date": "2001-02"}),
        (
            {"note": "PMID: 31000005\nPMCID: PMC7000005"},
            {"pmid": "31000005", "pmcid": "PMC7000005"},
        ),
        ({"author": "Elm, Eve and Fir, Fay"}, {"authors": ["Elm, Eve", "Fir, Fay"]}),
        ({"author": [{"family": "Elm, Eve"}]}, {"authors": ["Elm, Eve"]}),
        (
            {"author": [{"family": "Elm", "given": "Eve", "dropping-particle": "de"}]},
            {"authors": ["de Elm, Eve"]},
        ),
    ],
)
def test_liberties_with_csl_json(item: dict[str, object], expected: dict[str, object]) -> None:
    row = load_text(json.dumps([{"title": "One", **item}]), "x.json").citations.iloc[0]
    people = [f"{person['family']}, {person['given']}" for person in row["authors"]]
    assert {name: people if name == "authors" else row[name] for name in expected} == expected


def test_pubmed_xml_with_first_and_last_page_apart() -> None:
    text = (
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>31000005</PMID><Article>"
        "<ArticleTitle>One.</ArticleTitle><Pagination><StartPage>25</StartPage>"
        "<EndPage>138</EndPage></Pagination></Article></MedlineCitation></PubmedArticle>"
        "<PubmedArticle><MedlineCitation><PMID>31000006</PMID><Article><ArticleTitle>Two."
        '</ArticleTitle><ELocationID EIdType="pii">1219</ELocationID></Article>'
        "</MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
    assert list(load_text(text, "x.xml").citations["pages"]) == ["25-138", "1219"]
