"""Third-party bibliographies, where they stand beside the project.

Counts and values are compared with independent parses.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ipt_evidence.citations.latex import decode
from ipt_evidence.citations.loading import load_citations, load_text

# What the independent count or parse says, and why ours differs.
OTHER_COUNT = {"different delimiters.bib": 2}  # "{ ... )": an unclosed entry, which is repaired
OTHER_PEOPLE = {
    "nameparts.bib",  # biblatex's family=..., which BibTeX does not know
    "biblatex-input.bib",  # "Born, L. et al." is one author and a remark
    "biblatex-output.bib",
}


def manifest(samples: Path) -> list[dict[str, Any]]:
    rows = json.loads((samples / "manifest.json").read_text(encoding="utf-8"))
    return [row for row in rows if row["file"].endswith(".bib") and "check" in row]


def ending(name: str, names: set[str] | dict[str, int]) -> str | None:
    return next((item for item in names if name.endswith(item)), None)


def test_every_sample_is_counted_whole(samples: Path) -> None:
    assert manifest(samples)
    for row in manifest(samples):
        files = load_citations(samples / row["file"]).files.iloc[0]
        special = ending(row["file"], OTHER_COUNT)
        wanted = OTHER_COUNT[special] if special else row["check"]["entries"]
        assert files["records"] + files["rejected"] == wanted, row["file"]
        assert files["rejected"] == 0, row["file"]


def test_values_agree_with_an_independent_parse(samples: Path) -> None:
    compared = 0
    for row in manifest(samples):
        if not row.get("truth"):
            continue
        truth = json.loads((samples / row["truth"]).read_text(encoding="utf-8"))
        rows = load_citations(samples / row["file"]).citations
        found = {item.key.lower(): item for item in reversed(list(rows.itertuples()))}
        for entry in truth:
            ours = found[entry["key"].lower()]
            for name, value in entry["raw"].items():
                assert " ".join(str(ours.raw[name]).split()) == " ".join(value.split()), (
                    row["file"],
                    name,
                )
            year = entry["raw"].get("year", "")
            assert not year.isdigit() or ours.year == int(year)
            if entry["n_authors"] and not ending(row["file"], OTHER_PEOPLE):
                last = decode(entry["first_author_last"]).lower()
                assert last in ours.authors[0]["family"].lower(), row["file"]
                assert entry["n_authors"] == len(ours.authors) + ours.et_al, row["file"]
            compared += 1
    assert compared > 450


BIBTEX_PIECES = st.sampled_from(
    [
        "@article{",
        "@book(",
        "k1,",
        "title",
        " = ",
        "{",
        "}",
        '"',
        ",",
        "\n",
        "#",
        "@string{",
        "jan",
        "é",
        "\\'",
        ")",
        "%",
        "2001",
        "@comment{",
    ]
)


TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="<%P"), max_size=200
)


@settings(max_examples=300, deadline=None)
@given(st.lists(BIBTEX_PIECES, max_size=40).map("".join) | TEXT)
def test_any_text_is_read_without_failing(text: str) -> None:
    for name in ("x.bib", "x.txt"):
        result = load_text(text, name)
        files = result.files.iloc[0]
        assert files["records"] == len(result.citations)
        assert files["rejected"] == len(result.rejected)
        assert result.citations["key"].is_unique


GOOD = "@article{good%d, title = {A good entry}, year = {2000}}\n"
JUNK = st.lists(
    st.sampled_from(["{", "}", '"', ",", "=", "#", "x", "\n", " ", ")", "\\", "é"]), max_size=12
)


@settings(max_examples=300, deadline=None)
@given(JUNK.map("".join))
def test_a_broken_entry_never_takes_its_neighbours(junk: str) -> None:
    text = GOOD % 1 + "@article{bad, title = {x" + junk + "\n\n" + GOOD % 2 + GOOD % 3
    result = load_text(text, "x.bib")
    assert {"good1", "good2", "good3"} <= set(result.citations["key"])
    assert len(result.citations) + len(result.rejected) == 4
