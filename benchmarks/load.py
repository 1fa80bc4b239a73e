"""How fast BibTeX is loaded, beside bibtexparser with its own LaTeX decoding.

    python -m benchmarks load [--entries 10000] [--baseline-entries 300] [--seed 20240501]

Both get the same seeded entries: 13 fields, five authors, accents, an abstract of about 1.2 kB.
Rates are entries per second of process time, so that a busy machine disturbs them little.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import bibtexparser
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware

from ipt_evidence.citations.loading import load_citations

__all__ = ["bibliography", "main"]

_FAMILIES = (
    r"M{\"u}ller Garc{\'i}a S{\o}rensen Nov{\'a}k Dvo{\v{r}}{\'a}k Fran{\c{c}}ois Smith Jones "
    r"Weissman Markowitz {\AA}berg Cuijpers Andersson Nguyen Okafor Kim Tanaka "
    r"Rossi Silva D'Aiuto Lindqvist"
).split()
_GIVEN = (
    r"Anna Jos{\'e} Bj{\"o}rn Myrna Gerald Pim Ren{\'e}e John Chlo{\"e} Li Wei Amina Sofia".split()
)
_WORDS = (
    "interpersonal psychotherapy depression randomized controlled trial patients treatment group "
    "usual care symptoms outcome women postpartum adolescents anxiety disorder eating weekly "
    "sessions compared with waitlist significant improvement follow-up months effect size "
    "confidence interval and the of in for to"
).split()
_JOURNALS = (
    "Journal of Affective Disorders",
    "American Journal of Psychiatry",
    "Psychological Medicine",
)


def _entry(number: int, chance: random.Random) -> str:
    people = " and ".join(
        f"{chance.choice(_FAMILIES)}, {chance.choice(_GIVEN)} {chance.choice('ABCDEFGH')}."
        for _ in range(5)
    )
    words = chance.choices(_WORDS, k=165)
    words[chance.randrange(165)] = r"na{\"i}ve"
    words[chance.randrange(165)] = r"30\% ($p < .05$)"
    abstract = " ".join(words)
    title = " ".join(chance.choices(_WORDS, k=12)).capitalize()
    first = chance.randrange(1, 900)
    return f"""@article{{key{number:06d},
  author = {{{people}}},
  title = {{{{{title}}}}},
  journal = {{{chance.choice(_JOURNALS)}}},
  year = {{{chance.randrange(1975, 2026)}}},
  volume = {{{chance.randrange(1, 300)}}},
  number = {{{chance.randrange(1, 12)}}},
  pages = {{{first}--{first + 9}}},
  doi = {{10.1000/J.{number:06d}}},
  issn = {{0165-{number % 10000:04d}}},
  url = {{https://doi.org/10.1000/j.{number:06d}}},
  keywords = {{{", ".join(chance.choices(_WORDS[:14], k=5))}}},
  publisher = {{Elsevier {{BV}}}},
  abstract = {{{abstract}}}
}}

"""


def bibliography(entries: int, seed: int) -> str:
    """A BibTeX text of ``entries`` entries; the same for the same seed."""
    chance = random.Random(seed)
    return "".join(_entry(number, chance) for number in range(entries))


def _ours(path: Path, entries: int) -> float:
    start = time.process_time()
    result = load_citations(path)
    seconds = time.process_time() - start
    if len(result.citations) != entries or len(result.rejected):
        raise RuntimeError(f"{len(result.citations)} of {entries} entries were loaded")
    return entries / seconds


def _baseline(text: str, entries: int, *, decode: bool) -> float:
    start = time.process_time()
    middleware = [LatexDecodingMiddleware()] if decode else []
    library = parse_string(text, append_middleware=middleware)
    seconds = time.process_time() - start
    if len(library.entries) != entries:
        raise RuntimeError(f"bibtexparser found {len(library.entries)} of {entries} entries")
    return entries / seconds


def main(argv: list[str]) -> int:
    """Print the rates; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks load", description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--baseline-entries", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20240501)
    options = parser.parse_args(argv)
    text = bibliography(options.entries, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generated.bib"
        path.write_text(text, encoding="utf-8")
        load_citations(path)  # warm: imports and compiled expressions are not what is measured
        ours = max(_ours(path, options.entries) for _ in range(3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    few = bibliography(options.baseline_entries, options.seed)
    bare = _baseline(text, options.entries, decode=False)
    decoding = _baseline(few, options.baseline_entries, decode=True)
    write = sys.stdout.write
    write(f"{options.entries:,} entries, {len(text) / 1e6:.1f} MB, seed {options.seed}\n")
    write(f"load_citations (parsed, decoded, table)   {ours:10,.0f} entries/s\n")
    write(
        f"bibtexparser {bibtexparser.__version__}, nothing decoded      {bare:10,.0f} entries/s\n"
    )
    write(
        f"bibtexparser {bibtexparser.__version__}, LaTeX decoded        {decoding:10,.0f} entries/s"
        f"   ({options.baseline_entries} entries)\n"
    )
    write(f"ratio to bibtexparser with LaTeX decoding {ours / decoding:10,.0f} x\n")
    write(f"peak memory after loading                 {peak:10,.0f} MB\n")
    return 0
