"""A new evidence base from a bibliography and a table, of any therapy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ipt_evidence import EvidenceError, Question, estimate, start_base
from ipt_evidence.evidence.validation import validate

BIB = (
    "@article{alder2019, author={Alder, Ann}, title={One}, year={2019}}\n"
    "@article{birch2021, author={Birch, Bo}, title={Two}, year={2021}}\n"
)
SHARED = {"condition": "insomnia", "quote": "invented", "source_url": "https://example.org/",
          "outcome": "severity"}  # fmt: skip
MEANS = SHARED | {
    "reference": "alder2019", "mean_treatment": 9.0, "sd_treatment": 4.0, "n_treatment": 40,
    "mean_comparator": 13.0, "sd_comparator": 4.0, "n_comparator": 40,
}  # fmt: skip
REPORTED = SHARED | {"reference": "birch2021", "g": 0.4, "se": 0.2}
INSOMNIA = {"insomnia": "Insomnia"}


@pytest.fixture
def bib(tmp_path: Path) -> Path:
    path = tmp_path / "trials.bib"
    path.write_text(BIB, encoding="utf-8")
    return path


def test_it_is_sound_and_pools(bib: Path, tmp_path: Path) -> None:
    table = pd.DataFrame([MEANS, REPORTED])
    base = start_base(tmp_path / "new", references=bib, effects=table, conditions=INSOMNIA)
    assert base.problems == () and validate(tmp_path / "new") == []
    trials = estimate(base, Question("insomnia", "control")).trials.set_index("label")
    # 4 points of 4 is d = 1, times J = 1 - 3 / (4 * 78 - 1) to three digits.
    assert trials.loc["Alder 2019", "yi"] == pytest.approx(0.990, abs=5e-4)
    assert trials.loc["Birch 2021", "yi"] == 0.4 and trials.loc["Birch 2021", "vi"] == 0.2**2


def test_a_csv_gives_the_same_base(bib: Path, tmp_path: Path) -> None:
    table = pd.DataFrame([MEANS, REPORTED])
    table.to_csv(tmp_path / "effects.csv", index=False)
    one = start_base(tmp_path / "a", references=bib, effects=table, conditions=INSOMNIA)
    two = start_base(
        tmp_path / "b", references=bib, effects=tmp_path / "effects.csv", conditions=INSOMNIA
    )
    assert one.fingerprint == two.fingerprint


def test_a_row_without_numbers_is_kept_and_never_pooled(bib: Path, tmp_path: Path) -> None:
    table = pd.DataFrame([MEANS, SHARED | {"reference": "birch2021"}])
    base = start_base(tmp_path / "new", references=bib, effects=table, conditions=INSOMNIA)
    answer = estimate(base, Question("insomnia", "control"))
    assert answer.k == 1 and len(answer.selection.studies) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quote": ""}, "Row 2 of the table has no quote"),
        ({"source_url": None}, "Row 2 of the table has no source_url"),
        ({"reference": "nobody2000"}, "nobody2000"),
    ],
)
def test_what_has_no_source_is_refused_with_its_row(
    bib: Path, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    table = pd.DataFrame([MEANS, REPORTED | change])
    with pytest.raises(EvidenceError, match=words):
        start_base(tmp_path / "new", references=bib, effects=table, conditions=INSOMNIA)
    assert not (tmp_path / "new").exists()


def test_nothing_is_replaced(bib: Path, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="not empty"):
        start_base(tmp_path, references=bib, effects=pd.DataFrame([MEANS]), conditions=INSOMNIA)
