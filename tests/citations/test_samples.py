"""Third-party files of every format, where they stand beside the project.

Counts and values are compared with independent counters and parses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipt_evidence.citations.loading import iter_citations, load_citations
from ipt_evidence.citations.readers import FORMATS
from ipt_evidence.errors import CitationError

COUNTERS = ("TY_lines", "PMID_lines", "records", "articles", "references")
# Where our count differs from the counter's, and why.
OTHER_COUNT = {"ris/rispy_example_wos.ris": 2}  # Web of Science in spite of its name; not counted


def rows(samples: Path) -> Iterator[dict[str, Any]]:
    for row in json.loads((samples / "manifest.json").read_text(encoding="utf-8")):
        if not row["file"].endswith((".bib", ".html")):
            yield row


def test_every_sample_is_counted_whole(samples: Path) -> None:
    counted = 0
    for row in rows(samples):
        check = row.get("check") or {}
        wanted = OTHER_COUNT.get(
            row["file"], next((check[name] for name in COUNTERS if name in check), None)
        )
        if wanted is None:
            continue
        file = load_citations(samples / row["file"]).files.iloc[0]
        assert file["records"] + file["rejected"] == wanted + check.get("books", 0), row["file"]
        assert file["rejected"] <= (4 if row["file"] == "plain/gold.txt" else 0), row["file"]
        counted += 1
    assert counted > 70


def test_what_no_counter_read_is_read_or_refused_with_a_reason(samples: Path) -> None:
    assert any(rows(samples))
    for row in rows(samples):
        try:
            result = load_citations(samples / row["file"])
        except CitationError as error:
            assert row["file"] in str(error)
            continue
        file = result.files.iloc[0]
        assert file["records"] == len(result.citations)
        assert file["rejected"] == len(result.rejected)
        if row["file"].startswith(("csl_json", "jabref_import/Ris", "tagged")):
            assert file["records"] > 0 or "empty-csl" in row["file"], row["file"]


def normal(title: str | None) -> str:
    return " ".join((title or "").split()).rstrip(".").strip("[]").rstrip(".").lower()


@pytest.mark.parametrize("folder", ["ris", "nbib", "endnote_xml", "dedupe", "api"])
def test_values_agree_with_an_independent_parse(samples: Path, folder: str) -> None:
    compared = 0
    for row in rows(samples):
        truth = samples / "truth" / f"{row['file'].replace('/', '__')}.json"
        if not row["file"].startswith(f"{folder}/") or not truth.exists():
            continue
        theirs = json.loads(truth.read_text(encoding="utf-8"))
        ours = load_citations(samples / row["file"]).citations
        assert len(theirs) == len(ours)
        for entry, record in zip(theirs, ours.itertuples(), strict=True):
            place = (row["file"], record.source_line)
            if entry.get("title") and "<" not in entry["title"]:
                assert normal(record.title) == normal(entry["title"]), place
            if entry.get("doi"):
                assert entry["doi"].lower().endswith(record.doi), place
            if entry.get("year"):
                assert str(record.year) == str(entry["year"])[:4], place
            if entry.get("volume"):
                assert record.volume == entry["volume"], place
            if entry.get("pmid"):
                assert record.pmid == str(entry["pmid"]), place
            # "et al." is a flag and no person; bodies are counted with the authors
            least = entry["n_authors"] - bool(record.et_al)
            assert len(record.authors) - least in (0, 1, entry.get("n_collective", 0)), place
            if "has_abstract" in entry:
                assert isinstance(record.abstract, str) == entry["has_abstract"], place
            compared += 1
    assert compared > 2


def test_the_same_library_in_two_formats_is_the_same(samples: Path) -> None:
    ris = load_citations(samples / "ris" / "reflib_blue-light.ris").citations
    xml = load_citations(samples / "endnote_xml" / "reflib_blue-light.xml").citations
    for column in ("title", "year", "volume", "issue", "pages", "doi", "abstract", "authors"):
        assert ris[column].astype(object).tolist() == xml[column].astype(object).tolist(), column
    scopus = [
        load_citations(samples / name).citations
        for name in ("ris/pfas_scopus.ris", "tagged/pfas_scopus.csv", "bib/pfas_scopus.bib")
        if (samples / name).exists()
    ]
    for other in scopus[1:]:
        assert set(other["doi"]) == set(scopus[0]["doi"])
        assert set(other["title"]) == set(scopus[0]["title"])


def test_reading_in_small_parts_gives_the_same_records(
    samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [
        "ris/asreview__baseline.ris",
        "nbib/nbibpkg_pubmed-balloongui-set.nbib",
        "endnote_xml/reflib_blue-light.xml",
        "tagged/pfas_scopus.csv",
        "bib/pybtex_xampl.bib",
    ]
    for name in files:
        whole = load_citations(samples / name)
        with monkeypatch.context() as small:
            small.setattr("ipt_evidence.citations.loading.PIECE_CHARACTERS", 20_000)
            parts = list(iter_citations(samples / name, chunk=7))
        assert all(len(part.citations) <= 7 for part in parts)
        assert sum(len(part.files) for part in parts) == 1
        for column in ("key", "title", "source_line", "authors", "raw", "abstract"):
            found = [value for part in parts for value in part.citations[column].astype(object)]
            assert found == whole.citations[column].astype(object).tolist(), (name, column)


def test_every_format_has_a_name_of_its_own() -> None:
    assert len({item.name for item in FORMATS}) == len(FORMATS)
