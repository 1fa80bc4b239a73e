"""Exports of one search in many databases, made from real references, with the truth known.

    python -m benchmarks exports [--files FILE ...] [--seed 20240501] [--misses]

Each reference becomes one to five records, written as the databases write them: journals in full,
abbreviated or in capitals, authors with initials or names, pages 573-9 or 573-579, DOIs here and
there. Beside them stand records that only look alike: conference abstracts of the same title,
errata, replies, parts of a series, yearly reports. The records go through a file of the format and
the reader of it, as a user's would. A record is a copy when an earlier one reports the same
publication; sensitivity is the share of copies taken away, specificity the share of the others
kept (Hair and others 2023, doi:10.1186/s12915-023-01686-z).
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.dedupe import accuracy
from benchmarks.exports.databases import DATABASES, Row, works_of
from benchmarks.exports.faults import spoil
from benchmarks.exports.formats import FORMATS
from benchmarks.exports.lookalikes import LOOKALIKES, on_the_same_page, presented
from ipt_evidence.citations.deduplication import Deduplication, deduplicate
from ipt_evidence.citations.loading import load_citations, load_text

__all__ = ["exported", "main", "misses"]

ROOT = Path(__file__).resolve().parents[2]


def exported(
    works: Sequence[Row], seed: int, *, faults: float = 0.25, lookalikes: float = 0.25
) -> tuple[list[Row], list[int], list[str]]:
    """Records of ``works``, for each the number of its publication, and what was done to it.

    ``faults`` is the share of copies with a fault, ``lookalikes`` that of works with one.
    """
    chance = random.Random(seed)
    rows: list[tuple[Row, int, str]] = []
    number = 0
    for full in works:
        at_meeting = chance.random() < 0.15
        work = presented(full, chance) if at_meeting else full
        count = chance.choice((1, 1, 2, 2, 3, 4, 5))
        for database in chance.sample(list(DATABASES), count):
            row = DATABASES[database](work, chance)
            fault = spoil(row, chance) if chance.random() < faults else ""
            rows.append((row, number, f"{database} {fault}".strip()))
        number += 1
        if chance.random() < lookalikes:
            kind = chance.choice(list(LOOKALIKES))
            build = LOOKALIKES[kind]
            if at_meeting and chance.random() < 0.5:
                kind, build = "on the same page", on_the_same_page
            rows.append((build(work, chance), number, kind))
            number += 1
    chance.shuffle(rows)
    return [row for row, _, _ in rows], [work for _, work, _ in rows], [kind for _, _, kind in rows]


def misses(
    found: Deduplication, works: Sequence[int], kinds: Sequence[str]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Copies that were left, and records wrongly taken away; each with a record of its work."""
    place = {row: group.rows for group in found.groups for row in group.rows}
    first: dict[int, int] = {}
    left: list[tuple[int, int]] = []
    wrong: list[tuple[int, int]] = []
    for row, work in enumerate(works):
        earlier = first.setdefault(work, row)
        rows = place.get(row, (row,))
        others = [item for item in rows if works[item] != work]
        if others and rows[0] != row and not any(works[i] == work for i in rows if i < row):
            wrong.append((row, others[0]))
        if earlier != row and not any(works[item] == work and item < row for item in rows):
            left.append((row, earlier))
    return left, wrong


def main(argv: list[str]) -> int:
    """Print sensitivity and specificity for each format; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks exports", description=__doc__)
    parser.add_argument("--files", type=Path, nargs="+", help="References to begin with.")
    parser.add_argument("--seed", type=int, default=20240501)
    parser.add_argument("--format", nargs="+", choices=list(FORMATS), default=list(FORMATS))
    parser.add_argument("--faults", type=float, default=0.25)
    parser.add_argument("--misses", action="store_true", help="Show what went wrong.")
    options = parser.parse_args(argv)
    files = options.files or [ROOT / "data" / "references.bib"]
    works = works_of(pd.concat([load_citations(path).citations for path in files]))
    rows, truth, kinds = exported(works, options.seed, faults=options.faults)
    write = sys.stdout.write
    write(f"{len(works)} references, {len(rows)} records\n")
    write("format   sensitivity  specificity  review\n")
    for name in options.format:
        file, text = FORMATS[name]
        loaded = load_text(text(rows), file).citations
        if len(loaded) != len(rows):
            write(f"{name}: {len(loaded)} of {len(rows)} records were read\n")
            return 1
        found = deduplicate(loaded)
        sensitivity, specificity = accuracy(found, truth)
        write(f"{name:8} {sensitivity:11.4f} {specificity:12.5f} {len(found.review):7,d}\n")
        if options.misses:
            _show(found, rows, truth, kinds)
    return 0


def _show(
    found: Deduplication, rows: Sequence[Row], truth: Sequence[int], kinds: Sequence[str]
) -> None:
    write = sys.stdout.write
    left, wrong = misses(found, truth, kinds)
    tally = Counter(f"{kinds[one]} | {kinds[two]}" for one, two in left)
    reviewed = {frozenset(pair.rows): pair for pair in found.review}
    for words, pairs in (("left", left), ("wrongly taken away", wrong)):
        for one, two in pairs:
            pair = reviewed.get(frozenset((one, two)))
            write(f"-- {words} [{kinds[one]} | {kinds[two]}] {pair.reason if pair else ''}\n")
            group = next((g.rows for g in found.groups if one in g.rows), (one, two))
            for row in (rows[item] for item in sorted({one, two, *group})):
                people = "; ".join(row["author"])[:40]
                shown = [row[n] for n in ("year", "journal", "volume", "number", "pages", "doi")]
                write(f"   {row['title'][:110]} | {people} | {' | '.join(shown)}\n")
    for words, count in tally.most_common(15):
        write(f"{count:4d} {words}\n")
