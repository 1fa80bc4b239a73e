"""How fast and how well a table of citations is de-duplicated.

    python -m benchmarks dedupe [--sizes 10000 30000 100000] [--seed 20240501]

The records are generated: works, copies of them as other databases would export them, and works
that only look like copies (parts of a series, errata, conference abstracts, yearly reports). Times
are seconds of process time for `deduplicate` alone; growth is the exponent b in time ~ records^b.
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import sys
import time
from typing import Any

import pandas as pd

from ipt_evidence.citations.deduplication import Deduplication, deduplicate

__all__ = ["accuracy", "generated_citations", "main"]

_FAMILIES = (
    "Müller García Sørensen Novák Dvořák François Smith Jones Weissman Markowitz Åberg Cuijpers "
    "Andersson Nguyen Okafor Kim Tanaka Rossi Silva D'Aiuto Lindqvist Zhang Wang Li Chen Patel "
    "Singh Kowalski Ivanova Papadopoulos O'Brien MacDonald Hernández Schmidt Larsen Virtanen Yılmaz"
).split()
_GIVEN = "Anna José Björn Myrna Gerald Pim Renée John Chloë Li Wei Amina Sofia Karl Ines".split()
_HEADS = (
    "Effects of|Efficacy of|A randomised controlled trial of|Predictors of response to|"
    "Cost-effectiveness of|A pilot study of|Long-term outcome of|Feasibility of|Mediators of|"
    "Telephone-delivered|Group|Brief|Acceptability of|A meta-analysis of|Process and outcome of|"
    "Dissemination of|Internet-based|Maintenance|A qualitative study of|Moderators of"
).split("|")
_TREATMENTS = (
    "interpersonal psychotherapy|cognitive behavioural therapy|problem-solving therapy|exercise|"
    "sertraline|mindfulness-based cognitive therapy|behavioural activation|peer support|"
    "collaborative care|psychoeducation|paroxetine|family therapy|light therapy|supportive therapy"
).split("|")
_DISORDERS = (
    "major depression|social anxiety disorder|bulimia nervosa|postpartum depression|panic disorder|"
    "binge-eating disorder|dysthymia|post-traumatic stress disorder|bipolar disorder|grief|"
    "adolescent depression|late-life depression|generalised anxiety disorder|suicidal ideation"
).split("|")
_PEOPLE = (
    "in women with diabetes|in primary care|in older adults|in rural Uganda|among refugees|"
    "in pregnant adolescents|in patients with cancer|in HIV-positive men|in veterans|"
    "after myocardial infarction|in university students|in low-income mothers|in prison|"
    "with comorbid pain|in community clinics|in China|during pregnancy|in schools|in inpatients"
).split("|")
_JOURNALS = (
    ("Journal of Affective Disorders", "J Affect Disord"),
    ("American Journal of Psychiatry", "Am J Psychiatry"),
    ("Psychological Medicine", "Psychol Med"),
    ("Archives of General Psychiatry", "Arch Gen Psychiatry"),
    ("The British Journal of Psychiatry", "Br J Psychiatry"),
    ("International Journal of Eating Disorders", "Int J Eat Disord"),
    ("Journal of Consulting and Clinical Psychology", "J Consult Clin Psychol"),
    ("Depression and Anxiety", "Depress Anxiety"),
)

Row = dict[str, Any]


def _work(number: int, chance: random.Random) -> Row:
    place = chance.randrange(len(_JOURNALS))
    year = chance.randrange(1975, 2026)
    first = chance.randrange(1, 1900)
    subject = " ".join(chance.choices(_DISORDERS, k=1) + chance.choices(_PEOPLE, k=2))
    ending = chance.choice(("", ": a replication", f": the {_code(chance)} study", " revisited"))
    return {
        "type": "article",
        "title": f"{chance.choice(_HEADS)} {chance.choice(_TREATMENTS)} for {subject}{ending}",
        "authors": [
            {"family": chance.choice(_FAMILIES), "given": chance.choice(_GIVEN)}
            for _ in range(chance.randrange(1, 6))
        ],
        "year": year,
        "container_title": _JOURNALS[place][0],
        "volume": str(year - 1950 - place),
        "issue": str(chance.randrange(1, 13)),
        "pages": f"{first}-{first + chance.randrange(4, 15)}",
        "doi": f"10.1000/j.{place}.{number:07d}" if chance.random() < 0.7 else None,
        "pmid": str(10_000_000 + number) if chance.random() < 0.6 else None,
    }


def _code(chance: random.Random) -> str:
    return "".join(chance.choices("ABCDEFGHIKLMNOPRSTUVW", k=5))


def _copy(work: Row, chance: random.Random) -> Row:
    """The same work as another database gives it."""
    copy = dict(work)
    if chance.random() < 0.5:
        full = dict(_JOURNALS)
        copy["container_title"] = full.get(work["container_title"], work["container_title"])
    first, _, last = str(work["pages"]).partition("-")
    if chance.random() < 0.4 and len(first) == len(last) and first[0] == last[0]:
        copy["pages"] = f"{first}-{last[1:]}"
    if chance.random() < 0.4:
        copy["authors"] = [
            {"family": person["family"], "given": f"{person['given'][0]}."}
            for person in work["authors"][: chance.choice((3, 99))]
        ]
    if chance.random() < 0.3:
        copy["title"] = work["title"].replace("behavioural", "behavioral").replace("ised", "ized")
    if chance.random() < 0.15:
        copy["title"] = str(copy["title"]).upper()
    if chance.random() < 0.1:
        copy["title"] = f"{copy['title']}."
    for name, share in (("doi", 0.4), ("pmid", 0.6), ("issue", 0.2), ("pages", 0.08)):
        if chance.random() < share:
            copy[name] = None
    if chance.random() < 0.05:
        copy["year"] = work["year"] - 1
    if chance.random() < 0.03:
        copy["authors"] = []
    return copy


def _lookalike(work: Row, chance: random.Random) -> Row:
    """Another work that resembles ``work``."""
    other = dict(work, doi=None, pmid=None)
    first = chance.randrange(1, 1900)
    other["pages"] = f"{first}-{first + 3}"
    kind = chance.randrange(4)
    if kind == 0:
        other["title"] = f"{work['title']}. Part II"
        other["issue"] = str(int(work["issue"]) + 1)
    elif kind == 1:
        other["title"] = f"Erratum: {work['title']}"
    elif kind == 2:
        other["container_title"] = "European Neuropsychopharmacology"
        other["year"] = work["year"] - 1
        other["volume"] = "9"
    else:
        other["title"] = f"{work['title']}: follow-up after 5 years"
        other["year"] = work["year"] + 4
        other["volume"] = str(int(work["volume"]) + 4)
    return other


def generated_citations(size: int, seed: int) -> tuple[pd.DataFrame, list[int]]:
    """``size`` shuffled citations, and for each the number of the work that it reports."""
    chance = random.Random(seed)
    rows: list[tuple[Row, int]] = []
    number = 0
    while len(rows) < size:
        work = _work(number, chance)
        rows.append((work, number))
        if chance.random() < 0.25:
            rows += [(_copy(work, chance), number) for _ in range(chance.choice((1, 1, 2, 3)))]
        number += 1
        if chance.random() < 0.05:
            rows.append((_lookalike(work, chance), number))
            number += 1
    rows = rows[:size]
    chance.shuffle(rows)
    frame = pd.DataFrame([row for row, _ in rows])
    frame["year"] = frame["year"].astype("Int64")
    frame["source_file"] = "generated"
    frame["source_line"] = range(1, size + 1)
    frame["key"] = [f"k{line}" for line in frame["source_line"]]
    return frame, [work for _, work in rows]


def accuracy(found: Deduplication, works: list[int]) -> tuple[float, float]:
    """Sensitivity and specificity of taking records away as copies.

    A record is a copy when an earlier one reports the same work, and taken away when an earlier
    one is in its group. One that was taken away for another work's sake counts as a false alarm
    even if it is a copy of a third.
    """
    first: dict[int, int] = {}
    copies = {row for row, work in enumerate(works) if first.setdefault(work, row) != row}
    taken: set[int] = set()
    wrong: set[int] = set()
    for group in found.groups:
        seen = {works[group.rows[0]]}
        for row in group.rows[1:]:
            (taken if works[row] in seen else wrong).add(row)
            seen.add(works[row])
    return len(copies & taken) / len(copies), 1 - len(wrong) / (len(works) - len(copies))


def main(argv: list[str]) -> int:
    """Print time, growth and accuracy for each size; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks dedupe", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--seed", type=int, default=20240501)
    options = parser.parse_args(argv)
    write = sys.stdout.write
    write(" records  seconds  growth   unique  review  relations  sensitivity  specificity\n")
    before: tuple[int, float] | None = None
    for size in options.sizes:
        citations, works = generated_citations(size, options.seed)
        start = time.process_time()
        found = deduplicate(citations)
        seconds = time.process_time() - start
        growth = "      "
        if before is not None:
            growth = f"{math.log(seconds / before[1]) / math.log(size / before[0]):6.2f}"
        sensitivity, specificity = accuracy(found, works)
        write(
            f"{size:8,d} {seconds:8.1f}  {growth} {len(found.unique):8,d} {len(found.review):7,d} "
            f"{len(found.relations):10,d} {sensitivity:12.4f} {specificity:12.5f}\n"
        )
        before = (size, seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write(f"peak memory {peak:,.0f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
