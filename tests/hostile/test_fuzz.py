"""Whatever arrives, wherever: an answer, or a refusal that says what to do; never a traceback.

`python -m benchmarks fuzz` looks for more with the same samples, and says how many cases it took.
"""

from __future__ import annotations

import contextlib
import random
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks.fuzz import case, fault_of
from benchmarks.fuzz.damage import mutated
from benchmarks.fuzz.surfaces import SURFACES, Lost, Surface
from ipt_evidence.citations.loading import load_text
from ipt_evidence.citations.readers import FORMATS
from ipt_evidence.errors import CitationError, EvidenceError

FOUND = Path(__file__).parent / "fixtures"
LOAD = SURFACES["bibliography"]
CASES = {
    "bibliography": 600,
    "neighbours": 250,
    "printed": 250,
    "tagger": 8_500,
    "address": 8_500,
    "rest": 1_000,
    "command-line": 780,
    "own-data": 100,
    "own-network": 50,
    "metapsy": 20,
    "base": 3,
}
"""20,000 cases, most of them where a case takes a fraction of a millisecond."""


@pytest.mark.filterwarnings("ignore::UserWarning")  # of openpyxl, at parts that it passes over
@pytest.mark.parametrize("name", SURFACES)
def test_damaged_input_is_answered_or_refused(name: str) -> None:
    faults = {
        seed: fault
        for seed in range(CASES[name])
        if (fault := fault_of(SURFACES[name], case(SURFACES[name], seed)))
    }
    assert faults == {}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", sorted(FOUND.glob("*/*")), ids=lambda path: path.name)
def test_what_once_broke_a_surface(path: Path) -> None:
    """A folder holds, by surface, every input that fuzzing found, under what was wrong with it."""
    assert fault_of(SURFACES[path.parent.name], path.read_bytes()) == ""


def test_the_samples_reach_every_reader() -> None:
    formats = set()
    for data in LOAD.samples():
        with contextlib.suppress(CitationError):  # what is refused by its name
            formats |= set(load_text(data, "a.txt").files["format"])
    assert {item.name for item in FORMATS} | {"xlsx"} <= formats


@settings(max_examples=60, deadline=None)
@given(
    data=st.sampled_from(LOAD.samples()),
    other=st.sampled_from(LOAD.samples()),
    seed=st.integers(0, 2**32),
)
@example(data=b"TY  - JOUR\nER  - ", other=b"", seed=0)
def test_damaged_files_give_records_or_a_message(data: bytes, other: bytes, seed: int) -> None:
    assert fault_of(LOAD, mutated(data, other, random.Random(seed))) == ""  # noqa: S311


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=3_000))
def test_any_bytes_give_records_or_a_message(data: bytes) -> None:
    assert fault_of(LOAD, data) == ""


def test_a_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.fuzz.ALLOWED", 0.05)

    def refused(_: bytes) -> None:
        raise EvidenceError("no")

    def lost(_: bytes) -> None:
        raise Lost("2 of 3 records")

    def hangs(_: bytes) -> None:
        while True:
            pass

    for take, words in ((refused, "does not name"), (lost, "2 of 3"), (hangs, "hangs at 0")):
        surface = Surface("x", 1, list, take, said="a.txt")
        assert words in fault_of(surface, b"")
