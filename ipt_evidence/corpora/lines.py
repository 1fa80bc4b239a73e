"""JSON lines in blocks: the lines that may be about IPT, and how many records there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ipt_evidence.corpora.coarse import Coarse
from ipt_evidence.corpora.files import ScaleError, opened

__all__ = ["Passed", "blocks", "passed"]

_BLOCK = 1024 * 1024
"""Bytes that are looked at together."""
LONGEST = 64 * _BLOCK


@dataclass(frozen=True, slots=True)
class Passed:
    """Lines of a block that pass, by their number in the file; its records, and failed ones."""

    lines: dict[int, bytes]
    records: int
    failed: int


def blocks(path: Path) -> Iterator[bytes]:
    """The file ``path``, cut at the ends of lines.

    Raises ScaleError for a line that is longer than `LONGEST`.
    """
    rest = b""
    with opened(path) as file:
        while chunk := file.read(_BLOCK):
            end = chunk.rfind(b"\n") + 1
            if end:
                yield rest + chunk[:end]
                rest = b""
            rest += chunk[end:]
            if len(rest) > LONGEST:
                raise ScaleError(f"{path.name} has a line of more than {LONGEST >> 20} MB")
    if rest:
        yield rest + b"\n"


def passed(several: Iterable[bytes], coarse: Coarse) -> Iterator[Passed]:
    """What passes of each block of whole lines.

    A line that is not empty is a record. One that does not begin and end as an object of JSON has
    failed; whether the rest is valid JSON is for who reads those that pass.
    """
    before = 0
    # Once so much was freed, the C library keeps what is freed for the next block, rather than
    # giving it back and having it again page by page, which took a third of the time.
    np.empty(16 * _BLOCK, np.uint8)
    for block in several:
        raw = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(raw == ord("\n"))
        starts = np.concatenate([[0], ends[:-1] + 1])
        fine = (raw[starts] == ord("{")) & (raw[ends - 1] == ord("}"))
        odd = [block[starts[at] : ends[at]].strip() for at in np.flatnonzero(~fine)]
        empty = odd.count(b"")
        failed = sum(not (line.startswith(b"{") and line.endswith(b"}")) for line in odd) - empty
        lines = np.unique(np.searchsorted(ends, coarse.places(block)))
        texts = {before + int(at) + 1: block[starts[at] : ends[at]].strip() for at in lines}
        passing = {
            number: line
            for number, line in texts.items()
            if line.startswith(b"{") and line.endswith(b"}") and coarse.matches(line)
        }
        yield Passed(passing, len(ends) - empty, failed)
        before += len(ends)
