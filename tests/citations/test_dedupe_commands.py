"""``dedupe`` and ``convert`` as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ipt_evidence.cli.bibliography import convert_command, dedupe_command
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
