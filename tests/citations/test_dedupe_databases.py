"""De-duplication of one search in many databases: made from real references, the truth known."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from ipt_evidence.citations.deduplication import deduplicate
from ipt_evidence.citations.loading import load_citations, load_text

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.dedupe import accuracy  # noqa: E402
from benchmarks.exports import exported, misses  # noqa: E402
from benchmarks.exports.databases import works_of  # noqa: E402
from benchmarks.exports.formats import FORMATS  # noqa: E402

SAMPLES = (
    "ris/asreview__baseline.ris",
    "ris/reflib_blue-light.ris",
    "nbib/nbibpkg_pubmed-balloongui-set.nbib",
    "plain/gold.txt",
)


@pytest.mark.parametrize("format_name", list(FORMATS))
def test_every_record_of_an_export_is_read_and_the_copies_found(
    format_name: str, data: Path
) -> None:
    works = works_of(load_citations(data / "references.bib").citations)
    rows, truth, _ = exported(works, 11)
    file, text = FORMATS[format_name]
    loaded = load_text(text(rows), file).citations
    assert len(loaded) == len(rows) > 200
    assert loaded["title"].notna().all()
    sensitivity, specificity = accuracy(deduplicate(loaded), truth)
    assert sensitivity >= 0.98
    assert specificity >= 0.99  # of about 110 records, one may be wrong


@pytest.mark.parametrize("seed", [1, 2])
def test_thousands_of_records_with_faults_and_lookalikes(
    samples: Path, data: Path, seed: int
) -> None:
    """A quarter of the copies has a fault, a quarter of the works a record that looks like it."""
    files = [data / "references.bib", *(samples / name for name in SAMPLES)]
    works = works_of(pd.concat([load_citations(path).citations for path in files]))
    rows, truth, kinds = exported(works, seed)
    assert len(rows) > 2_500
    found = deduplicate(load_text(FORMATS["csv"][1](rows), "export.csv").citations)
    sensitivity, specificity = accuracy(found, truth)
    assert sensitivity >= 0.99
    assert specificity >= 0.999
    left, wrong = misses(found, truth, kinds)
    assert len(left) + len(wrong) < 20


def test_a_column_that_names_the_database_is_not_the_journal() -> None:
    text = (
        "record_id,source,author,year,journal,title,isbn\n"
        '1,Embase,"G., Abraham and R., Milev",2001,,A trial of grief,1234-5678\n'
        "2,PubMed,ABRAHAM G//MILEV R,2001,J Grief,A trial of grief,1234-5678\n"
    )
    loaded = load_text(text, "export.csv").citations
    assert loaded["container_title"].tolist()[1] == "J Grief"
    assert pd.isna(loaded["container_title"].iloc[0])
    assert [[p["family"].title() for p in people] for people in loaded["authors"]] == [
        ["Abraham", "Milev"]
    ] * 2
    assert loaded["issn"].tolist() == ["1234-5678"] * 2
    alone = load_text("Source,Title,Year\nJ Grief,A trial of grief,2001\n", "a.csv").citations
    assert alone["container_title"].tolist() == ["J Grief"]
