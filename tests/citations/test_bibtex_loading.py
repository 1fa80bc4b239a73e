from __future__ import annotations

from pathlib import Path

import pytest

from ipt_evidence.citations.loading import LoadResult, load_citations, load_text
from ipt_evidence.citations.records import CITATION_COLUMNS


@pytest.fixture
def broken(fixtures: Path) -> LoadResult:
    return load_citations(fixtures / "broken_entries.bib")


def notes(result: LoadResult, key: str) -> str:
    return " | ".join(result.repaired.loc[result.repaired["key"] == key, "note"])


def test_every_entry_is_a_record_or_rejected(broken: LoadResult) -> None:
    assert list(broken.citations["key"]) == [
        "good-first",
        "unclosed-field",
        "missing-comma",
        "at-in-abstract",
        "twice",
        "good-first-2",
        "stuart2007",
        "unknown-macro",
        "brace-too-many",
        "Schlüssel mit Leerzeichen",
        "unquoted",
        "unclosed-entry",
        "good-last",
    ]
    assert list(broken.rejected["source_line"]) == [74]
    assert broken.rejected["text"].item() == "@article{hopeless"
    assert broken.rejected["reason"].item() == "no field could be read in this entry"
    assert broken.files[["records", "rejected"]].iloc[0].tolist() == [13, 1]


def test_columns_and_types(broken: LoadResult) -> None:
    assert tuple(broken.citations.columns) == CITATION_COLUMNS
    assert str(broken.citations["year"].dtype) == "Int64"
    assert list(broken.citations["year"]) == list(range(2001, 2014))
    assert broken.citations["doi"].isna().all()
    assert broken.citations["authors"].iloc[2] == []


@pytest.mark.parametrize(
    ("key", "column", "value", "note"),
    [
        ("good-first", "container_title", "Journal of Affective Disorders, Part B", ""),
        (
            "unclosed-field",
            "title",
            "The brace of this title is missing",
            "brace of title is not closed",
        ),
        ("unclosed-field", "authors", [{"family": "Klerman", "given": "Gerald"}], ""),
        ("missing-comma", "title", "A comma is missing", "a comma is missing before year"),
        ("twice", "title", "Title given first", "title stands here more than once"),
        ("good-first-2", "title", "The same key again", "key good-first was taken"),
        ("stuart2007", "title", "No key", "no key"),
        ("unknown-macro", "container_title", "nosuchmacro", "@string nosuchmacro is not defined"),
        ("brace-too-many", "title", "One brace too many", "a brace too many"),
        ("Schlüssel mit Leerzeichen", "title", "A key with umlaut and spaces", ""),
        ("unquoted", "container_title", "Psychological Medicine", "journal is not quoted"),
        ("unclosed-entry", "title", "The entry is never closed", "the entry is not closed"),
    ],
)
def test_repairs(broken: LoadResult, key: str, column: str, value: object, note: str) -> None:
    row = broken.citations.set_index("key").loc[key]
    assert row[column] == value
    assert note in notes(broken, key)


def test_an_entry_inside_an_abstract_is_text(broken: LoadResult) -> None:
    row = broken.citations.set_index("key").loc["at-in-abstract"]
    assert row["abstract"].endswith("@foobar, baz = qux but it is text.")
    assert row["raw"]["abstract"].count("@foo{bar, baz = {qux}}") == 1


def test_the_second_of_two_fields_is_kept_in_raw(broken: LoadResult) -> None:
    raw = broken.citations.set_index("key").loc["twice", "raw"]
    assert (raw["title"], raw["title#2"]) == ("Title given first", "Title given second")


def test_lines_point_at_the_entry(broken: LoadResult, fixtures: Path) -> None:
    lines = (fixtures / "broken_entries.bib").read_text(encoding="utf-8").split("\n")
    assert not broken.citations.empty
    for line in broken.citations["source_line"]:
        assert lines[line - 1].startswith("@article{")


def test_what_reference_managers_write(fixtures: Path) -> None:
    rows = load_citations(fixtures / "managers.bib").citations.set_index("key")
    zotero = rows.loc["zotero2011"]
    assert zotero["title"] == "IPT for Depression: A Meta-Analysis"
    assert zotero["raw"]["title"] == "{{IPT}} for Depression: {{A Meta-Analysis}}"
    assert zotero["authors"] == [
        {"family": "Cuijpers", "given": "Pim"},
        {"family": "van Straten", "given": "Annemieke"},
        {"family": "World Health Organization", "given": ""},
    ]
    assert zotero["year"] == 2011
    assert zotero["container_title"] == "American Journal of Psychiatry"
    assert zotero["pages"] == "581-592"
    assert zotero["doi"] == "10.1176/appi.ajp.2010.10101411"
    assert zotero["pmid"] == "21362740"
    assert zotero["keywords"] == ["depression", "psychotherapy", "meta-analysis"]
    assert zotero["language"] == "de"
    assert zotero["raw"]["urldate"] == "2024-01-31"
    assert "file" in zotero["raw"]


def test_crossref_gives_the_book_to_the_chapter(fixtures: Path) -> None:
    chapter = load_citations(fixtures / "managers.bib").citations.set_index("key").loc["chapter"]
    assert chapter["title"] == "The chapter"
    assert chapter["container_title"] == "The Book"
    assert chapter["year"] == 2021
    assert chapter["pages"] == "12-24"
    assert chapter["et_al"]
    assert chapter["authors"] == [
        {"family": "van Beethoven", "given": "Ludwig"},
        {"family": "King", "given": "Martin Luther", "suffix": "Jr."},
    ]
    assert "booktitle" not in chapter["raw"]


def test_latex_and_parentheses(fixtures: Path) -> None:
    row = load_citations(fixtures / "managers.bib").citations.set_index("key").loc["parens"]
    assert row["title"] == "Søren Čapek's naïve ßtudy: 30% of patients – “quoted” & α x²"
    assert [person["family"] for person in row["authors"]] == ["Müller", "García Márquez"]
    assert row["year"] == 1999
    assert row["doi"] == "10.1000/abc(1)2"
    assert row["pmid"] == "12345"
    assert row["keywords"] == ["one", "two, with comma"]


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_do_not_matter(fixtures: Path, ending: str) -> None:
    text = (fixtures / "broken_entries.bib").read_text(encoding="utf-8")
    plain = load_text(text, "x.bib").citations.drop(columns="source_file")
    other = load_text(text.replace("\n", ending).encode(), "x.bib").citations
    assert other.drop(columns="source_file").equals(plain)


def test_markup_in_a_field_stays_text() -> None:
    title = "<script>alert(1)</script> and {{__import__('os')}}"
    row = load_text(f"@misc{{x, title = {{{title}}}}}", "x.bib").citations.iloc[0]
    assert row["title"] == "<script>alert(1)</script> and __import__('os')"


def test_the_articles_references_load_whole(data: Path) -> None:
    result = load_citations([data / "references.bib", data / "article_references.txt"])
    assert result.citations["key"].is_unique
    assert result.rejected.empty
    assert list(result.files["format"]) == ["bibtex", "plain"]
    assert result.files["records"].iloc[1] == 10


def test_commented_entries_are_not_read() -> None:
    result = load_text("%@article{a, title={x}}\n@article{b, title={y}}", "x.bib")
    assert list(result.citations["key"]) == ["b"]


def test_many_broken_entries_take_linear_time() -> None:
    text = "\n".join(f"@article{{k{i}, title = {{a {{b, year = {{{{2000}}\n" for i in range(1500))
    result = load_text(text, "x.bib")
    assert len(result.citations) + len(result.rejected) == 1500


def test_macros_of_macros_cannot_fill_the_memory() -> None:
    doubling = "".join(f"@string{{a{i + 1} = a{i} # a{i}}}\n" for i in range(40))
    result = load_text(f'@string{{a0 = "xx"}}\n{doubling}@misc{{k, title = a40}}', "x.bib")
    assert len(result.citations["title"].item()) == 2000


def test_many_equal_keys_and_fields_take_linear_time() -> None:
    result = load_text("@misc{k, title = {x}}\n" * 5000, "x.bib")
    assert result.citations["key"].iloc[-1] == "k-5000"
    result = load_text("@misc{k, " + "title = {x}, " * 5000 + "}", "x.bib")
    assert len(result.citations["raw"].iloc[0]) == 5000


def test_a_subtitle_is_told_once() -> None:
    text = """
@inbook{chapter, title={A chapter}, crossref={book}}
@book{book, title={The book}, subtitle={Its subtitle}, booktitle={ignored}, year={2001}}
@article{own, title={IPT for depression: A trial}, subtitle={A trial}, year={2002}}
@inbook{plain, title={Another}, crossref={other}}
@collection{other, title={Collection}, subtitle={All of it}}
"""
    table = load_text(text, "x.bib").citations.set_index("key")
    assert table["title"].to_dict() == {
        "chapter": "A chapter",
        "book": "The book: Its subtitle",
        "own": "IPT for depression: A trial",
        "plain": "Another",
        "other": "Collection: All of it",
    }
    assert table.loc["plain", "container_title"] == "Collection"
