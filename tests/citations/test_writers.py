"""Bibliographies out: what is written is read back as the same records, tags and all."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipt_evidence.citations.deduplication import deduplicate
from ipt_evidence.citations.loading import load_citations, load_text
from ipt_evidence.citations.readers import FORMATS
from ipt_evidence.citations.records import CITATION_COLUMNS
from ipt_evidence.citations.writers import WRITERS, left_out, write_citations
from ipt_evidence.citations.writers.table import formula_safe
from ipt_evidence.errors import CitationError

READ = {item.name for item in FORMATS}
# Format → the reader's name and the columns that it can hold.
TEXTS = ("title", "container_title", "volume", "issue", "pages", "doi", "pmid", "abstract")
HOLDS = {
    "bibtex": ("bibtex", (*TEXTS, "authors", "et_al", "year", "keywords", "url", "language")),
    "biblatex": ("bibtex", (*TEXTS, "authors", "et_al", "year", "keywords", "url", "language")),
    "ris": ("ris", (*TEXTS, "authors", "et_al", "year", "keywords", "url", "language")),
    "nbib": ("nbib", (*TEXTS, "authors", "et_al", "year", "keywords", "language")),
    "csl-json": (
        "csl-json",
        (*TEXTS, "authors", "et_al", "year", "keywords", "url", "language"),
    ),
    "csv": ("table", (*TEXTS, "authors", "et_al", "year", "keywords", "url", "language")),
}
FORMATS_READ_BACK = [name for name, (reader, _) in HOLDS.items() if reader in READ]


def _back(text: str, format: str) -> pd.DataFrame:
    loaded = load_text(text, f"written{WRITERS[format].suffix}")
    assert loaded.rejected.empty
    assert list(loaded.files["format"]) == [HOLDS[format][0]]
    return loaded.citations


def _plain(value: Any) -> Any:
    return None if value is None or value is pd.NA or value != value else value


def _assert_same(before: pd.DataFrame, after: pd.DataFrame, format: str) -> None:
    assert len(after) == len(before)
    for column in HOLDS[format][1]:
        wanted = list(map(_plain, before[column].astype(object)))
        found = list(map(_plain, after[column].astype(object)))
        assert found == wanted, f"{column} in {format}"


LETTERS = st.sampled_from("abcdefgh klmnopqrstuvwxyzäöüßéñøÅŽčăłαβ中文 ABCDEFG")
SIGNS = st.sampled_from("%&$#_{}~^\\-'`\"()[]<>|/*+=@!?,:")
WORD = st.text(st.one_of(LETTERS, LETTERS, LETTERS, st.sampled_from("0123456789")), min_size=2)
ODD = st.text(st.one_of(LETTERS, LETTERS, SIGNS), min_size=2, max_size=40)


def _tidy(text: str) -> str:
    from ipt_evidence.citations.normal_forms import normal_space

    return normal_space(text)


def _readable(text: str) -> bool:
    """Texts that some reader takes to mean something else are not what is tested here."""
    return len(text) >= 3 and text[0].isalpha() and text[-1].isalnum() and "&" not in text


TITLES = st.builds(lambda a, b: _tidy(f"A{a} {b} z"), ODD, ODD).filter(_readable) | st.sampled_from(
    [
        "=cmd|' /C calc'!A0",
        "+1 (see @SUM)",
        "-2 to 5 years on",
        "@home: a trial",
        "100% of {braces} # and ~ tildes_and ^ carets",
        "What works?",
        "Effects of IPT, etc.",
        "To be continued...",
        "α-blockers ‘and’ “quotes” – dashes",
        "対人関係療法によるうつ病の治療",
    ]
)
NAMES = st.sampled_from(
    [
        "Smith", "van der Berg", "Müller-Lüdenscheid", "O'Brien", "Åberg", "García Márquez", "Łoś",
        "de la Cruz", "von der Heydt", "D'Aiuto", "水島",
    ]
)  # fmt: skip
GIVEN = st.sampled_from(["Anna", "J. A.", "Björn", "Myrna M.", "Jean-Luc"])
PERSONS = st.builds(lambda f, g: {"family": f, "given": g}, NAMES, GIVEN)
BODIES = st.sampled_from(
    [
        {"family": "World Health Organization", "given": ""},
        {"family": "IPT Trial Group", "given": ""},
        {"family": "Smith", "given": "John", "suffix": "Jr"},
        {"family": "van Dyke", "given": "R. J.", "suffix": "III"},
        {"family": "Kaiser Permanente", "given": ""},
        {"family": "Organizations and Institutions", "given": ""},
        {"family": "University of California, Los Angeles", "given": ""},
        {"family": "UNICEF", "given": ""},
    ]
)
KEYWORDS = st.lists(
    st.sampled_from(["depression", "Interpersonal psychotherapy", "condition:grief", "IPT-A"]),
    unique=True,
    max_size=4,
)


SICI = "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    first = draw(st.integers(1, 2000))
    number = draw(st.integers(1, 99_999_999))
    optional = st.booleans()
    return {
        "type": draw(st.sampled_from(["article", "article", "incollection", "phdthesis"])),
        "title": draw(TITLES),
        "authors": draw(st.lists(st.one_of(PERSONS, BODIES), min_size=1, max_size=4)),
        "et_al": draw(optional),
        "year": draw(st.one_of(st.none(), st.integers(1900, 2030))),
        "container_title": draw(st.sampled_from([None, "Journal of Grief & Loss", "Lancet"])),
        "volume": draw(st.sampled_from([None, "12", "12A", "S1"])),
        "issue": draw(st.sampled_from([None, "3", "3-4", "Suppl 1"])),
        "pages": draw(st.sampled_from([None, f"{first}-{first + 9}", "e1234", "S12-S15"])),
        "doi": draw(st.sampled_from([None, f"10.1000/a_b.{number}", SICI])),
        "pmid": draw(st.sampled_from([None, str(number)])),
        "abstract": draw(st.one_of(st.none(), TITLES)),
        "keywords": draw(KEYWORDS),
        "url": draw(
            st.sampled_from([None, "https://example.org/a_b?c=d%20e#f", "http://x.org/~y"])
        ),
        "language": draw(st.sampled_from([None, "en", "de", "fr"])),
        "raw": {},
    }


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).astype({"year": "Int64"})
    frame["key"] = [f"key{number}" for number in range(len(rows))]
    frame["source_file"], frame["source_line"] = "made up", 1
    return frame


@pytest.mark.parametrize("format", FORMATS_READ_BACK)
@settings(max_examples=40)
@given(rows=st.lists(records(), min_size=1, max_size=3))
def test_what_is_written_is_read_back(format: str, rows: list[dict[str, Any]]) -> None:
    before = _frame(rows)
    after = _back(write_citations(before, format), format)
    _assert_same(before, after, format)
    again = _back(write_citations(after, format), format)
    _assert_same(after, again, format)


FULL: list[dict[str, Any]] = [
    {
        "type": "article",
        "title": "Grief & loss – a trial: “once”",
        "authors": [
            {"family": "Grief Study Group", "given": ""},
            {"family": "van der Berg", "given": "Ann M."},
            {"family": "Smith", "given": "John", "suffix": "Jr."},
            {"family": "University of California, Los Angeles", "given": ""},
            {"family": "王", "given": "芳"},
        ],
        "et_al": True,
        "year": 2011,
        "date": "2011-06-02",
        "container_title": "Journal of Grief",
        "volume": "12",
        "issue": "3",
        "pages": "e123-e130",
        "doi": SICI,
        "pmid": "12345678",
        "pmcid": "PMC1234567",
        "issn": "1234-5679",
        "abstract": "NCT09999999: 5% had p < .05.",
        "registry_ids": ["NCT09999999"],
        "keywords": ["grief", "loss, acute", "war"],
        "url": "https://example.org/a_b?c=d&e=1",
        "language": "de",
        "raw": {},
    },
    {
        "type": "book",
        "title": "The book of grief",
        "authors": [{"family": "World Health Organization", "given": ""}],
        "et_al": False,
        "year": 1999,
        "date": "1999",
        "keywords": [],
        "registry_ids": [],
        "raw": {},
    },
]
COLUMNS = [name for name in FULL[0] if name != "raw"]


@pytest.mark.parametrize("first", FORMATS_READ_BACK)
@pytest.mark.parametrize("second", FORMATS_READ_BACK)
def test_from_each_format_through_each_other(first: str, second: str) -> None:
    before = _frame(FULL)
    once = _back(write_citations(before, first), first)
    twice = _back(write_citations(once, second), second)
    back = _back(write_citations(twice, first), first)
    lost = {*WRITERS[first].lacks, *WRITERS[second].lacks}
    for column in COLUMNS:
        wanted = list(map(_plain, before[column].astype(object)))
        for table in (once, twice, back):
            found = list(map(_plain, table[column].astype(object)))
            if column in lost and table is back:
                assert not any(found), f"{column} is said to be lost in {first} or {second}"
            elif column not in lost:
                assert found == wanted, f"{column} from {first} through {second}"


@pytest.mark.parametrize(
    ("format", "expected"),
    [("nbib", {"url": 1}), ("ris", {}), ("bibtex", {}), ("csl-json", {}), ("csv", {})],
)
def test_what_a_format_cannot_hold_is_named(format: str, expected: dict[str, int]) -> None:
    assert left_out(_frame(FULL), format) == expected


def test_printed_references_leave_out_what_they_do_not_print() -> None:
    missing = left_out(_frame(FULL), "vancouver")
    assert {"abstract", "keywords", "pmid", "language"} <= set(missing)
    assert "title" not in missing


@pytest.mark.parametrize("format", FORMATS_READ_BACK)
def test_tags_go_out_as_keywords_and_come_back(format: str) -> None:
    citations = _frame([{**dict.fromkeys(HOLDS["bibtex"][1]), **_row()}])
    tags = pd.DataFrame(
        [("key0", "condition", "postpartum"), ("key0", "design", "rct"), ("other", "design", "x")],
        columns=["key", "kind", "value"],
    )
    back = _back(write_citations(citations, format, tags), format)
    assert back["keywords"].iloc[0] == ["grief", "condition:postpartum", "design:rct"]
    assert citations["keywords"].iloc[0] == ["grief"]


def _row() -> dict[str, Any]:
    return {
        "type": "article",
        "title": "A trial",
        "authors": [{"family": "Smith", "given": "J."}],
        "et_al": False,
        "keywords": ["grief"],
        "raw": {},
    }


@pytest.mark.parametrize(
    ("format", "said"),
    [
        ("bibtex", "author = {Smith, J. and others}"),
        ("ris", "N1  - There are more authors than those listed."),
        ("nbib", "GN  - There are more authors than those listed."),
        ("csl-json", '"authors-incomplete": "true"'),
    ],
)
def test_an_incomplete_list_of_authors_is_said_and_is_no_author(format: str, said: str) -> None:
    row = dict.fromkeys(HOLDS["bibtex"][1]) | _row()
    complete, cut = (_frame([row | {"et_al": et_al}]) for et_al in (False, True))
    text = write_citations(cut, format)
    assert said in text
    assert "et al" not in text
    assert said not in write_citations(complete, format)
    assert list(_back(text, format)["authors"]) == [[{"family": "Smith", "given": "J."}]]


def test_fields_of_bibtex_that_nobody_knows_come_out_as_they_stood() -> None:
    source = (
        '@article{a,\n  title = {The {IPT} na{\\"i}ve trial},\n  author = {M{\\"u}ller, K.},\n'
        "  year = {2019},\n  x-rating = {5 \\% {of} $x_1$},\n  file = {:a.pdf:PDF},\n}\n"
    )
    loaded = load_text(source, "a.bib").citations
    assert write_citations(loaded, "bibtex") == source
    changed = loaded.assign(title="Another title", pmid="123")
    text = write_citations(changed, "bibtex")
    assert "title = {Another title}" in text
    assert "pmid = {123}" in text
    assert "x-rating = {5 \\% {of} $x_1$}" in text
    assert 'M{\\"u}ller' in text


def test_fields_without_a_column_reach_the_formats_that_have_them() -> None:
    loaded = load_text(
        "@book{a, title = {T of B}, publisher = {Basic \\& Books}, address = {New York},"
        " isbn = {978-1}, note = {Second printing}, x-mine = {5}}",
        "a.bib",
    ).citations
    ris = write_citations(loaded, "ris").splitlines()
    assert {"PB  - Basic & Books", "CY  - New York", "N1  - Second printing"} <= set(ris)
    item = json.loads(write_citations(loaded, "csl-json"))[0]
    assert item["publisher"] == "Basic & Books"
    assert item["custom"]["x-mine"] == "5"
    assert "x-mine" in write_citations(loaded, "csv")


def test_tags_of_ris_that_nobody_knows_come_out_again() -> None:
    source = "TY  - JOUR\nTI  - A title\nU3  - mine\nN1  - one\nN1  - two\nC5  - x\nER  - \n"
    written = write_citations(load_text(source, "a.ris").citations, "ris")
    assert {"U3  - mine", "N1  - one", "N1  - two", "C5  - x"} <= set(written.splitlines())


def test_the_stars_of_major_headings_come_back_from_nbib_to_nbib() -> None:
    text = "PMID- 123\nTI  - A trial.\nMH  - *Psychotherapy/methods\nMH  - Humans\nOT  - grief\n"
    loaded = load_text(text, "a.nbib").citations
    assert loaded["keywords"].iloc[0] == ["grief", "Psychotherapy/methods", "Humans"]
    written = write_citations(loaded, "nbib")
    lines = {line for line in written.splitlines() if line.startswith(("MH", "OT"))}
    assert lines == {"MH  - *Psychotherapy/methods", "MH  - Humans", "OT  - grief"}
    again = load_text(written, "b.nbib").citations
    assert again["keywords"].iloc[0] == loaded["keywords"].iloc[0]
    assert again["raw"].iloc[0]["MH"] == "*Psychotherapy/methods\nHumans"


def test_fields_of_ris_survive_a_table_in_between() -> None:
    source = "TY  - JOUR\nTI  - A title\nU3  - mine\nN1  - one\nN1  - two\nC5  - x\nER  - \n"
    table = write_citations(load_text(source, "a.ris").citations, "csv")
    again = write_citations(load_text(table, "a.csv").citations, "csv")
    assert again == table
    written = write_citations(load_text(again, "a.csv").citations, "ris")
    assert {"U3  - mine", "N1  - one", "N1  - two", "C5  - x"} <= set(written.splitlines())


@pytest.mark.parametrize("format", FORMATS_READ_BACK)
def test_a_record_without_a_title_is_kept_by_every_format(format: str) -> None:
    row = {**dict.fromkeys(HOLDS["bibtex"][1]), **_row(), "title": None, "authors": []}
    citations = _frame([{**row, "year": 1994, "container_title": "Lancet"}])
    back = _back(write_citations(citations, format), format)
    assert list(back["year"]) == [1994]
    assert list(back["container_title"]) == ["Lancet"]


def test_an_address_that_would_run_is_no_link_in_bibtex() -> None:
    source = "@misc{a, title = {A title}, url = {javascript:alert(1)}}"
    text = write_citations(load_text(source, "a.bib").citations, "bibtex")
    assert "unsafe-url = {javascript:alert(1)}" in text
    assert " url =" not in text
    plain = load_text("@misc{a, title = {Data: a view}}", "a.bib").citations
    assert "  title = {Data: a view}" in write_citations(plain, "bibtex")


def test_dates_keep_their_day_and_month() -> None:
    source = "TY  - JOUR\nTI  - A title\nPY  - 2019\nDA  - 2019/03/07/\nER  - \n"
    citations = load_text(source, "a.ris").citations
    for format in FORMATS_READ_BACK:
        assert list(_back(write_citations(citations, format), format)["date"]) == ["2019-03-07"]


def test_keys_are_safe_and_unique_in_bibtex() -> None:
    row = {**dict.fromkeys(HOLDS["bibtex"][1]), **_row()}
    citations = _frame([row, row, row]).assign(key=["Müller, 2011}", "muller-2011", "{}"])
    loaded = load_text(write_citations(citations, "bibtex"), "a.bib")
    assert list(loaded.citations["key"]) == ["Muller-2011", "muller-2011-2", "record"]
    assert loaded.repaired.empty


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "＝1", "\t=1", "\n=1", "\x00=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert formula_safe(text).startswith("'")
    row = {**dict.fromkeys(HOLDS["bibtex"][1]), **_row(), "title": text}
    assert ',"=' not in write_citations(_frame([row]), "csv")


def test_control_characters_and_line_breaks_cannot_forge_a_record() -> None:
    forged = "A title\nER  - \n\nTY  - JOUR\nTI  - forged\x00\x1b"
    row = {**dict.fromkeys(HOLDS["bibtex"][1]), **_row(), "title": forged}
    for format in FORMATS_READ_BACK:
        assert len(_back(write_citations(_frame([row]), format), format)) == 1


def test_merged_records_can_be_written_too(samples: Any) -> None:
    loaded = load_citations(samples / "bib" / "bibtexparser_v1" / "multiple_entries.bib").citations
    unique = deduplicate(pd.concat([loaded, loaded])).unique
    assert len(unique) == len(loaded)
    for format in WRITERS:
        assert write_citations(unique, format)


def test_an_empty_table_gives_an_empty_bibliography() -> None:
    empty = load_text("@comment{x}", "a.bib").citations
    for format in WRITERS:
        text = write_citations(empty, format)
        assert text.strip() in ("", "[]") or format == "csv"


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CitationError, match="bibtex, biblatex, ris"):
        write_citations(load_text("@misc{a, title={b}}").citations, "docx")


EDITED = """@incollection{a, author={Elm, A.}, editor={van der Oak, Bo and {WHO Team}}, title={T},
  booktitle={B}, year=2001, isbn={978-3-16-148410-0}, publisher={P}, address={Berlin},
  urldate={2020-01-02}, note={N; ISRCTN12345678}}
@book{b, editor={Fir, C. and others}, title={E}, year=2002}
"""


@pytest.mark.parametrize("format", FORMATS_READ_BACK)
def test_editors_and_what_surrounds_a_book_come_back(format: str) -> None:
    citations = load_text(EDITED, "x.bib").citations
    back = _back(write_citations(citations, format), format)
    assert back["registry_ids"].iloc[0] == ["ISRCTN12345678"]
    assert back["type"].tolist() == ["incollection", "book"]
    if format == "csv":  # the fields themselves stand in its last column
        return
    text = write_citations(back, "bibtex")
    assert "  author = {Elm, A.},\n" in text
    assert "editor = {van der Oak, Bo and {WHO Team}}" in text
    assert "editor = {Fir, C. and others}" in text
    assert "issn" not in text
    assert ("isbn = {978-3-16-148410-0}" in text) and ("publisher = {P}" in text)
    assert ("urldate = {2020-01-02}" in text) == (format != "nbib")  # which has no addresses


@pytest.mark.parametrize("format", FORMATS_READ_BACK)
def test_registrations_that_no_text_names_come_back(format: str) -> None:
    row = _row() | {"registry_ids": ["NCT01234567", "ACTRN12605000123456"]}
    row["keywords"] = ["one, two"]
    citations = _frame([{**dict.fromkeys(CITATION_COLUMNS), **row}])
    once = _back(write_citations(citations, format), format)
    twice = _back(write_citations(once, format), format)
    for table in (once, twice):
        assert sorted(table["registry_ids"].iloc[0]) == ["ACTRN12605000123456", "NCT01234567"]
        assert table["keywords"].iloc[0] == ["one, two"]
    assert write_citations(once, format) == write_citations(twice, format)


def test_types_that_a_format_does_not_know_are_named() -> None:
    citations = load_text("@online{a, title={T}}\n@article{b, title={U}}", "x.bib").citations
    assert left_out(citations, "nbib") == {"type": 1}
    assert left_out(citations, "ris") == left_out(citations, "csl-json") == {}
