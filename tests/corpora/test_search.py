"""Search over the records of a scan: words, phrases, filters, whatever somebody types."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from ipt_evidence.cli import cli
from ipt_evidence.corpora.files import ScaleError
from ipt_evidence.corpora.panel import corpus_line, corpus_table
from ipt_evidence.corpora.searching import Filters, index_of, search
from ipt_evidence.paths import CORPUS_VARIABLE

pytest.importorskip("duckdb")

LONG = "x " * 200 + "interpersonal psychotherapy helped " + "y " * 200
RECORDS = [
    ("Interpersonal psychotherapy for depression", "Depressed women were treated.", 1989, "rct"),
    ("Psychotherapy, interpersonal problems and grief", "Nobody was treated.", 2004, "review"),
    ("Thérapie interpersonnelle pour Müller", "A <b>bold</b> =cmd|' /C calc'!A0", 2010, "rct"),
    ("Bulimia nervosa in Uganda", LONG, 2010, "rct"),
]  # fmt: skip


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("result")
    rows = [
        {
            "key": f"k{n}",
            "title": title,
            "abstract": abstract,
            "year": year,
            "authors": [{"given": "Ada", "family": "Weissman"}],
            "doi": f"10.1/{n}",
            "conditions": ["depression"] if n < 2 else ["bulimia", "eating_disorders"],
            "designs": [design],
        }
        for n, (title, abstract, year, design) in enumerate(RECORDS)
    ]
    pd.DataFrame(rows).to_parquet(folder / "candidates.parquet")
    return folder


def found(result: Path, query: str, *filters: object) -> list[str]:
    hits = search(index_of(result), query, Filters(*filters)).hits  # type: ignore[arg-type]
    return sorted(hit.key for hit in hits)


def test_words_phrases_and_filters(result: Path) -> None:
    assert found(result, "interpersonal psychotherapy") == ["k0", "k1", "k3"]
    assert found(result, '"interpersonal psychotherapy"') == ["k0", "k3"]
    assert found(result, '"psychotherapy interpersonal"') == ["k1"]
    assert found(result, "depressions") == ["k0"]  # another form of the word
    assert found(result, "therapie MULLER") == ["k2"]
    assert found(result, "psychotherapy -grief") == ["k0", "k3"]
    assert found(result, 'psychotherapy -"interpersonal psychotherapy"') == ["k1"]
    assert found(result, "weissman", ("depression",)) == ["k0", "k1"]
    assert found(result, "weissman", ("bulimia",), ("rct",)) == ["k2", "k3"]
    assert found(result, "weissman", (), (), 1990, 2004) == ["k1"]
    assert found(result, "weissman", (), (), 2011) == []
    assert found(result, "") == found(result, "zzz") == []
    best = search(index_of(result), "depression", limit=1)
    assert (best.hits[0].key, best.hits[0].authors, best.hits[0].year) == (
        "k0",
        "Ada Weissman",
        1989,
    )


def test_the_snippet_is_cut_at_words_around_the_first_hit(result: Path) -> None:
    (hit,) = search(index_of(result), "uganda helped").hits
    assert ("helped", True) in hit.snippet
    text = "".join(piece for piece, _ in hit.snippet)
    assert "interpersonal psychotherapy helped y" in text
    assert text.startswith("… x") and text.endswith(" …")
    assert len(text) < 240


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\"*()-:^+{}[]'\\ NEAR ANDORT")))
def test_no_query_raises(result: Path, text: str) -> None:
    answer = search(index_of(result), text)
    assert len(answer.hits) <= answer.count <= len(RECORDS)


def test_the_index_follows_its_table(result: Path, tmp_path: Path) -> None:
    table = tmp_path / "load.parquet"  # of `load --output`: no tags
    pd.DataFrame({"title": ["Tea"], "year": [2001]}).to_parquet(table)
    assert len(search(index_of(table), "tea").hits) == 1
    pd.DataFrame({"title": ["Coffee"], "year": [2001]}).to_parquet(table)
    later = index_of(table).stat().st_mtime_ns + 10**9
    os.utime(table, ns=(later, later))
    assert len(search(index_of(table), "coffee").hits) == 1
    with pytest.raises(ScaleError, match="no such file"):
        index_of(tmp_path / "none")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    with pytest.raises(ScaleError, match=r"torn\.parquet cannot be read"):
        index_of(tmp_path / "torn.parquet")
    pd.DataFrame({"name": ["x"]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(ScaleError, match="no column title"):
        index_of(tmp_path / "other.parquet")


def test_the_command_and_the_panel(result: Path) -> None:
    asked = ["search", str(result), "interpersonal", "--design", "rct", "--json"]
    document = json.loads(CliRunner().invoke(cli, asked).stdout)
    assert document["count"] == 2
    assert [hit["key"] for hit in document["hits"]] == ["k0", "k3"]
    plain = CliRunner().invoke(cli, asked[:-1])
    assert "2 records hold these words" in plain.output
    some = search(index_of(result), "weissman", limit=2)
    assert corpus_line(some).startswith("Four records of the corpus hold these words")
    assert list(corpus_table(some)["Open"]) == ["https://doi.org/10.1/0", "https://doi.org/10.1/1"]
    assert corpus_line(search(index_of(result), "nothing")) == "No record of the corpus fits."


@pytest.mark.parametrize("view", ["studies", "candidates"])
def test_pages_search_the_corpus_that_the_server_was_given(
    view: str, result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"from ipt_evidence.dashboard.views import {view}\n{view}.render()\n"
    app = AppTest.from_string(script, default_timeout=60)
    app.query_params["q"] = "uganda"
    headings = [one.value for one in app.run().header]
    assert "In the corpus" not in headings
    monkeypatch.setenv(CORPUS_VARIABLE, str(result))
    app.run()
    assert not app.exception
    assert "In the corpus" in [one.value for one in app.header]
    assert any("One record of the corpus holds" in one.value for one in app.markdown)
