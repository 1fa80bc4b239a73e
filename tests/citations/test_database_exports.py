"""Exports of the databases and programs that reviewers use, each with its right values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ipt_evidence.citations.loading import load_citations, load_text
from ipt_evidence.errors import CitationError

Expected = dict[str, Any]

HARBOUR: Expected = {
    "year": 2016,
    "container_title": "Harbour Psychology",
    "volume": "4",
    "pages": "11-19",
}
TRIAL: Expected = {"title": "A trial of IPT", "year": 2019}
IMAGINARY: Expected = {
    "container_title": "Imaginary Journal",
    "volume": "12",
    "issue": "3",
    "pages": "1-9",
}

TAGGED: dict[str, list[Expected]] = {
    "ovid_tags.txt": [
        HARBOUR
        | {
            "title": "Talking about mood in the harbour.",
            "authors": ["Elm, Eve", "de la Fir, Fay"],
            "issue": "2",
            "date": "2016-05",
            "doi": "10.9999/hp.4",
            "pmid": "31000005",
            "language": "en",
        },
        {
            "title": "Second talk.",
            "authors": ["Oak, O."],
            "year": 2018,
            "container_title": "Harb. J.",
            "volume": "7",
            "issue": "1",
            "pages": "3-8",
            "pmid": None,
        },
    ],
    "ovid_field_names.txt": [
        {
            "title": "A trial of IPT in two lines.",
            "authors": ["Alder, Ann", "van der Birch, Bo"],
            "date": "2019-03-03",
            "container_title": "Imaginary Journal",
            "volume": "12",
            "issue": "3",
            "pages": "100-10",
            "doi": "10.9999/x.1",
            "pmid": "31000001",
            "abstract": "Text here. More.",
        },
        {"title": "Second", "authors": ["Doe, Jane"], "year": 2015, "pages": "623-634"},
    ],
    "refworks.txt": [
        HARBOUR
        | {
            "title": "Talking about mood in the harbour",
            "authors": ["Elm, Eve", "Fir, Fay"],
            "issue": "2",
            "abstract": "It is a study of boats.",
            "issn": "1234-5679",
            "doi": "10.9999/hp.4",
            "type": "article",
        },
        {"title": "A chapter", "container_title": "The book", "type": "incollection"},
    ],
    "cochrane_library.txt": [
        TRIAL
        | IMAGINARY
        | {
            "authors": ["Alder, A", "van der Birch, B"],
            "doi": "10.9999/x.1",
            "pmid": "31000001",
            "registry_ids": ["NCT01234567"],
            "keywords": ["Mood", "Trial"],
        },
        {"title": "Second", "authors": ["Doe, J"], "year": 2020},
    ],
    "embase.txt": [
        {
            "title": "A trial of IPT",
            "authors": ["Alder, A.", "van der Birch, B."],
            "year": 2014,
            "container_title": "Imaginary Psychiatry",
            "volume": "3",
            "issue": "3",
            "pages": "152-160",
            "pmid": "31000001",
        },
        {"title": "Second", "container_title": "Imag. J.", "volume": "54", "pages": "83"},
    ],
    "proquest.txt": [
        TRIAL
        | IMAGINARY
        | {"authors": ["Alder, Ann", "van der Birch, Bo"], "abstract": "Text: of the thing."},
        {"title": "Second", "year": 2020},
    ],
    "ebsco.txt": [
        {"title": "A trial of IPT.", "date": "2019-03", "doi": "10.9999/x.1"}
        | IMAGINARY
        | {"authors": ["Alder, Ann", "van der Birch, Bo"]},
        {"title": "Second", "authors": ["Doe, J", "Roe, K"]} | IMAGINARY,
    ],
    "repec.txt": [
        {
            "title": "A trial",
            "authors": ["Alder, Ann", "van der Birch, Bo"],
            "date": "2019-03",
            "container_title": "Imag Econ",
            "abstract": "Text more.",
        },
        {"title": "Second"},
    ],
    "noteexpress.txt": [
        {"title": "题名", "authors": ["张三", "李四"], "year": 2015, "container_title": "杂志"}
    ],
    "cnki.txt": [
        {"title": "题名一", "authors": ["张三", "李四"], "date": "2015-02-15", "pages": "168-175"}
    ],
    "copac.txt": [
        {"title": "The trial of things", "authors": ["Cox, David", "Snell, E. J."], "year": 1989},
        {"title": "Second", "year": 1990},
    ],
    "biblioscape.txt": [
        {"title": "Title of it", "authors": ["Alder, A."], "year": 1999, "pages": "1-9"},
        {"title": "Second"},
    ],
    "pubmed_summary.txt": [
        {
            "title": "Talking about mood: what helps?",
            "authors": ["Elm, E", "de la Fir, F", "Harbour Group"],
            "date": "2016-05",
            "container_title": "Harb Psychol",
            "volume": "4",
            "issue": "2",
            "pages": "11-19",
            "doi": "10.9999/hp.4",
            "pmid": "31000005",
            "pmcid": "PMC7000005",
        },
        {"title": "A second talk", "authors": ["Oak, OB"], "pages": "1234", "pmid": "31000006"},
    ],
    "pubmed_abstract.txt": [
        {
            "title": "Interpersonal psychotherapy for mothers: a randomised trial",
            "authors": ["Alder, A", "van der Birch, B", "Cedar, C", "IPT Study Group"],
            "year": 2019,
            "pages": "100-110",
            "pmid": "31000001",
            "pmcid": "PMC6000001",
            "registry_ids": ["NCT01234567"],
        },
        {"title": "Second title", "authors": ["Doe, J"], "pages": "1234", "abstract": None},
    ],
}
TABLES: dict[str, list[Expected]] = {
    "refworks.tsv": [
        HARBOUR
        | {"title": "Talking", "authors": ["van den Elm, E", "Fir, Fay B."], "pmid": "31000005"}
    ],
    "embase_source.csv": [
        HARBOUR
        | {
            "authors": ["Elm, E.", "de la Fir, F.-G."],
            "issue": "2",
            "registry_ids": ["NCT07654321"],
            "type": "article",
        },
        {"container_title": "Harb. J.", "year": 2018, "volume": "7", "pages": "83"},
    ],
    "covidence.csv": [{"date": "2016-05", "authors": ["Elm, E.", "Fir, F."]}],
    "google_scholar.csv": [HARBOUR | {"authors": ["Elm, Eve M", "Fir, Fay"], "issue": "2"}],
    "pubmed.csv": [
        {
            "authors": ["Elm, E", "de la Fir, F"],
            "volume": "4",
            "issue": "2",
            "pages": "11019",
            "pmid": "31000005",
        }
    ],
    "lens.csv": [
        {
            "authors": ["Elm, Eve A.", "Fir, M. Fay", "van der Oak, Otto"],
            "date": "2016-05-02",
            "pages": "11-19",
            "issn": "1234-5679",
        }
    ],
    "clinicaltrials_new.csv": [
        {
            "title": "Talking for sailors",
            "registry_ids": ["NCT07654321"],
            "abstract": "What was done.",
            "url": "https://clinicaltrials.gov/study/NCT07654321",
            "keywords": ["Mood", "Grief"],
        }
    ],
    "clinicaltrials_old.csv": [{"title": "IPT for mothers", "registry_ids": ["NCT01234567"]}],
    "ictrp.csv": [{"title": "IPT for men", "registry_ids": ["ACTRN12610000001000"], "year": 2010}],
    "web_of_science.tsv": [
        HARBOUR
        | {
            "title": '"Talking", it helps',
            "authors": ["Elm, Eve", "Fir, Fay", "Harbour Grp"],
            "container_title": "HARBOUR PSYCHOLOGY",
            "date": "2016-05",
            "keywords": ["mood", "GRIEF"],
            "key": "wos1",
        },
        {"authors": ["Oak, Otto"], "pages": "e83", "type": "article"},
    ],
    "scopus_commas.csv": [
        {
            "authors": ["Elm, E.G.", "de la Fir, F.", "O'Oak, O."],
            "pmid": "31000005",
            "language": "en",
            "pages": "11-19",
        },
        {"title": "Board", "authors": [], "pmid": "31000006"},
    ],
    "scopus_full_names.csv": [{"authors": ["Alder, Ann", "van der Birch, Bo"], "year": 2023}],
    "python_lists.csv": [{"authors": ["Elm, Eve", "O'Fir, Fay"], "keywords": ["mood", "grief"]}],
    "jabref.csv": [{"authors": ["Elm, Eve", "Fir, Fay", "Oak, Otto"], "year": 2016}],
    "openalex.csv": [{"authors": ["Alder, Ann", "van der Birch, Bo"], "pmid": "31000001"}],
    "springer.csv": [
        {"authors": ["Alder, Ann", "McBirch, Bo", "van der Cedar, Cy"], "doi": "10.1007/s1"}
    ],
    "dimensions.csv": [{"authors": ["Alder, Ann", "van der Birch, Bo"], "date": "2019-03-02"}],
    "eppi.csv": [{"authors": ["Alder, A K", "van der Birch, B"], "issn": "1234-5679"}],
    "abstrackr.csv": [{"authors": ["Alder, A.", "Birch, B."], "pmid": "31000001"}],
    "publish_or_perish.csv": [{"authors": ["Alder, A", "Birch, BC"], "pages": "1-9"}],
    "rayyan.csv": [{"authors": ["Alder, A.", "van der Birch, B."], "et_al": True}],
}
OBJECTS: dict[str, list[Expected]] = {
    "openalex.json": [
        HARBOUR
        | {
            "authors": ["Elm, Eve", "van der Oak, Otto"],
            "pmid": "31000005",
            "abstract": "Talking helps.",
        }
    ],
    "europe_pmc.json": [{"title": "Talking", "authors": ["Elm, E", "de la Fir, F"], "year": 2016}],
    "pubmed_summaries.json": [{"title": "Talking", "date": "2016-05", "doi": "10.9999/hp.4"}],
    "clinicaltrials.json": [{"title": "Talking for sailors", "registry_ids": ["NCT07654321"]}],
    "zotero.json": [
        {
            "title": "A trial",
            "authors": ["Alder, Ann", "IPT Group"],
            "date": "2019-03",
            "pmid": "31000001",
            "keywords": ["mood"],
        }
    ],
    "reflib.json": [{"authors": ["Alder, Ann", "van der Birch, Bo"], "issue": "3", "year": 2019}],
    "datacite.json": [{"title": "A set", "authors": ["Alder, Ann"], "type": "dataset"}],
    "crossref_reply.json": [{"title": "A trial", "date": "2019-03", "doi": "10.9999/cr"}],
}


def shown(value: Any) -> Any:
    """A value of the table as the expectations write it: names as texts, missing as None."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [", ".join(filter(None, (one["family"], one["given"]))) for one in value]
    return value if isinstance(value, list) or value == value else None


@pytest.mark.parametrize(("name", "expected"), [*TAGGED.items(), *TABLES.items(), *OBJECTS.items()])
def test_an_export_reads_with_the_right_values(
    fixtures: Path, name: str, expected: list[Expected]
) -> None:
    rows = load_citations(fixtures / "databases" / name).citations.to_dict("records")
    assert len(rows) == len(expected)
    for row, values in zip(rows, expected, strict=True):
        assert {field: shown(row[field]) for field in values} == values


def test_every_fixture_has_its_right_values(fixtures: Path) -> None:
    names = {path.name for path in (fixtures / "databases").iterdir()}
    assert names == TAGGED.keys() | TABLES.keys() | OBJECTS.keys()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.xml", "<?xml version='1.0'?><modsCollection><mods/></modsCollection>", "MODS.*RIS"),
        ("x.xml", "<clinical_study><id/></clinical_study>", "ClinicalTrials.gov's XML"),
        ("x.txt", "TN: 1\nTI: One\nAU: Elm E\nSO: J\nPY: 2016\n", "TN, TI, AU, SO, PY.*RIS"),
        ("x.yaml", "- id: elm\n  type: book\n  title: One\n", "CSL-YAML.*RIS"),
        ("x.csv", "colour,size\nred,1\n", "not understood: colour, size"),
    ],
)
def test_what_is_not_read_is_refused_by_its_name(name: str, text: str, words: str) -> None:
    with pytest.raises(CitationError, match=words):
        load_text(text, name)


def test_a_printed_list_is_no_tagged_text() -> None:
    text = "1. Elm E. A trial of talk. Harb J. 2016;4:1-9.\n2. Oak O. A second. Harb J. 2018;5:1.\n"
    assert load_text(text, "x.txt").files["format"].item() == "plain"


@pytest.mark.parametrize(
    ("row", "title", "authors"),
    [
        ("Trial, of talk,Elm E,2016,Harb J", "Trial, of talk", ["Elm, E"]),
        ("Talk,,Elm E,2016,Harb J", "Talk", ["Elm, E"]),
    ],
)
def test_a_row_with_a_cell_too_many_is_fitted(row: str, title: str, authors: list[str]) -> None:
    result = load_text(f"Title,Authors,Year,Journal\n{row}\n", "x.csv")
    record = result.citations.iloc[0]
    assert (record["title"], shown(record["authors"]), record["year"]) == (title, authors, 2016)
    assert "fitted" in result.repaired["note"].item()


def test_a_row_that_fits_no_heading_is_rejected_and_its_neighbours_are_kept() -> None:
    text = "Title,Year,DOI\nA,b,c,d,e\nTalk,2016,10.9999/a\n"
    result = load_text(text, "x.csv")
    assert list(result.citations["title"]) == ["Talk"]
    assert "cannot be told" in result.rejected["reason"].item()
