"""``dedupe``, ``convert``, ``load`` and ``tag`` as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from ipt_evidence.citations.deduplication import deduplicate, deduplicate_parts
from ipt_evidence.citations.loading import load_citations, load_text
from ipt_evidence.citations.records import CITATION_COLUMNS
from ipt_evidence.citations.writers import WRITERS, write_citations, written_pieces
from ipt_evidence.cli.citations import convert_command, dedupe_command, load_command, tag_command
from ipt_evidence.errors import EvidenceError

ENTRY = """@article{%s, title = {Interpersonal psychotherapy for grief in later life}, year = 2019,
 author = {Smith, J.}, journal = {Lancet}, pages = {1--9}, volume = 3%s}
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "a.bib"
    doi = ", doi = {10.1000/%s}"
    path.write_text(
        ENTRY % ("a", "") + ENTRY % ("b", doi % "x") + ENTRY % ("c", doi % "y"), encoding="utf-8"
    )
    return path


def test_dedupe_prints_one_json_document(library: Path) -> None:
    result = CliRunner().invoke(dedupe_command, [str(library), "--json"])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert (document["records"], document["unique"]) == (3, 2)
    assert len(document["groups"]) == 1
    assert set(document["groups"][0]) < {f"{library}:{line}" for line in (1, 3, 5)}
    assert "different DOIs" in document["review"][0]["reason"]
    assert document["relations"] == []
    assert [len(rows) for rows in document["group_rows"]] == [2]


def test_records_that_share_a_line_are_told_apart_by_their_number(tmp_path: Path) -> None:
    record = (
        "<record><titles><title>Interpersonal psychotherapy for grief in {}</title></titles>"
        "<dates><year>2019</year></dates><contributors><authors><author>Smith, J.</author>"
        "</authors></contributors><volume>3</volume><pages>1-9</pages></record>"
    )
    path = tmp_path / "library.xml"
    people = ("later life", "young mothers", "later life")
    path.write_text(f"<xml><records>{''.join(map(record.format, people))}</records></xml>")
    document = json.loads(CliRunner().invoke(dedupe_command, [str(path), "--json"]).stdout)
    assert document["groups"] == [[f"{path}:1#1", f"{path}:1#3"]]


def test_dedupe_says_what_it_merged_and_writes_the_rest(library: Path, tmp_path: Path) -> None:
    output = tmp_path / "unique.ris"
    result = CliRunner().invoke(dedupe_command, [str(library), "--output", str(output)])
    assert result.exit_code == 0
    assert result.stdout.startswith("3 records, 2 unique: 1 merged into 1 groups")
    assert output.read_text(encoding="utf-8").count("TY  - JOUR") == 2
    with pytest.raises(EvidenceError, match="--to"):
        CliRunner().invoke(
            dedupe_command,
            [str(library), "--output", str(tmp_path / "unique.docx")],
            catch_exceptions=False,
        )


def test_convert_writes_any_format(library: Path, data: Path) -> None:
    result = CliRunner().invoke(convert_command, [str(library), "--to", "apa"])
    assert result.stdout.splitlines()[0] == (
        "Smith, J. (2019). Interpersonal psychotherapy for grief in later life. Lancet, 3, 1–9."
    )
    tagged = CliRunner().invoke(
        convert_command, [str(library), "--to", "ris", "--tags", "--data", str(data)]
    )
    assert "KW  - intervention:" in tagged.stdout or "KW  - population:" in tagged.stdout
    assert CliRunner().invoke(convert_command, [str(library), "--to", "docx"]).exit_code == 2


RECORD = "TY  - JOUR\nTI  - Interpersonal psychotherapy, trial %d\nU3  - kept %d\nER  - \n\n"


@pytest.fixture
def long_library(tmp_path: Path) -> Path:
    """More records than one part holds."""
    path = tmp_path / "long.ris"
    path.write_text("".join(RECORD % (n, n) for n in range(5_003)), encoding="utf-8")
    return path


@pytest.mark.parametrize("format", sorted(set(WRITERS) - {"apa", "vancouver", "ama"}))
def test_convert_in_parts_gives_what_writing_all_at_once_gives(
    long_library: Path, tmp_path: Path, format: str
) -> None:
    output = tmp_path / "out"
    result = CliRunner().invoke(
        convert_command, [str(long_library), "--to", format, "--output", str(output)]
    )
    assert result.exit_code == 0
    assert "5,003 records" in result.stdout
    whole = write_citations(load_citations(long_library).citations, format)
    assert output.read_text(encoding="utf-8") == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.ris", "out"]


def test_numbered_references_go_on_counting_in_the_next_part() -> None:
    one = load_text("TY  - JOUR\nTI  - First\nER  - \n").citations
    two = load_text("TY  - JOUR\nTI  - Second\nER  - \n").citations
    text = "".join(written_pieces([(one, None), (two, None)], "vancouver"))
    assert text == "1. First.\n2. Second.\n"


def test_load_writes_csv_and_parquet_with_every_record(long_library: Path, tmp_path: Path) -> None:
    csv_file, parquet = tmp_path / "a.csv", tmp_path / "a.parquet"
    for output in (csv_file, parquet):
        arguments = [str(long_library), "--output", str(output), "--json"]
        assert json.loads(CliRunner().invoke(load_command, arguments).stdout)["records"] == 5_003
    table = pd.read_csv(csv_file)
    assert list(table["title"].iloc[[0, -1]]) == [
        "Interpersonal psychotherapy, trial 0",
        "Interpersonal psychotherapy, trial 5002",
    ]
    kept = pd.read_parquet(parquet)
    assert list(kept.columns) == list(CITATION_COLUMNS)
    assert json.loads(kept["raw"].iloc[5_002])["U3"] == "kept 5002"


def test_a_file_that_cannot_be_read_to_its_end_leaves_the_old_output(
    long_library: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.csv"
    output.write_text("old", encoding="utf-8")
    with pytest.raises(EvidenceError, match="no such file"):
        CliRunner().invoke(
            load_command,
            [str(long_library), str(tmp_path / "missing.ris"), "--output", str(output)],
            catch_exceptions=False,
        )
    assert output.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.ris", "out.csv"]


def test_standard_input_is_read_by_every_command(library: Path, data: Path) -> None:
    text = library.read_text(encoding="utf-8")
    for command in (load_command, dedupe_command):
        result = CliRunner().invoke(command, ["-", "--json"], input=text)
        assert json.loads(result.stdout)["records"] == 3
    tagged = CliRunner().invoke(tag_command, ["-", "--json", "--data", str(data)], input=text)
    assert len(json.loads(tagged.stdout)) == 3
    written = CliRunner().invoke(convert_command, ["-", "--to", "ris"], input=text)
    assert written.stdout.count("TY  - JOUR") == 3


def test_dedupe_finds_the_same_whether_or_not_it_keeps_every_field(library: Path) -> None:
    citations = load_citations([library, library]).citations
    whole, slim = (
        deduplicate(citations),
        deduplicate_parts([citations.iloc[:2], citations.iloc[2:]]),
    )
    assert slim.groups == whole.groups
    assert slim.review == whole.review
