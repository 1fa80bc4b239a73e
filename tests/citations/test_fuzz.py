"""Whatever bytes arrive: records and rejected rows, or a message that names the file."""

from __future__ import annotations

import contextlib
import random
import sys
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from benchmarks.fuzz import fault_of, mutated, samples
from ipt_evidence.citations.loading import load_text
from ipt_evidence.citations.readers import FORMATS
from ipt_evidence.errors import CitationError

FIXTURES = Path(__file__).parent / "fixtures"
KINDS = [
    block.partition("\n")[2].partition("\n====\n")[0].encode()
    for name in ("export_kinds.txt", "printed_kinds.txt")
    for block in (FIXTURES / name).read_text(encoding="utf-8").split("@@@@ ")[1:]
]
"""Every kind of export by itself."""
INPUTS = [*KINDS, *(data for _, data in samples([FIXTURES]))]


def test_the_inputs_reach_every_reader() -> None:
    formats = set()
    for data in INPUTS:
        with contextlib.suppress(CitationError):  # what is refused by its name
            formats.add(load_text(data, "a.txt").files["format"].iloc[0])
    assert {item.name for item in FORMATS} <= formats


@settings(max_examples=120, deadline=None)
@given(
    data=st.sampled_from(INPUTS),
    other=st.sampled_from(INPUTS),
    seed=st.integers(0, 2**32),
)
@example(data=b"TY  - JOUR\nER  - ", other=b"", seed=0)
def test_damaged_files_give_records_or_a_message(data: bytes, other: bytes, seed: int) -> None:
    damaged = mutated(data[:20_000], other[:20_000], random.Random(seed))  # noqa: S311
    assert fault_of(damaged, "a file.txt") == ""


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=3_000))
def test_any_bytes_give_records_or_a_message(data: bytes) -> None:
    assert fault_of(data, "a file.txt") == ""
