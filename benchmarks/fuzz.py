"""Whatever bytes arrive, the loader returns records and rejected rows, or refuses with a message.

    python -m benchmarks fuzz [--samples FOLDER ...] [--minutes N] [--seed N] [--keep FOLDER]

Files of the folders (by default those of the tests) are damaged at random and loaded. Counted as a
fault are any exception but the package's own errors, a message without the file's name, more than
two seconds of processor time per 100 kB, and text that cannot be written as UTF-8. Faults are
printed with their seed; ``--keep`` writes the bytes of each to a file.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from ipt_evidence.citations.loading import load_text
from ipt_evidence.errors import EvidenceError

__all__ = ["fault_of", "main", "mutated", "samples"]

SECONDS_PER_BYTE = 2 / 100_000
_ALLOWED = 1.0  # seconds for any file, however small
_MOST_BYTES = 60_000
_TESTS = Path(__file__).parent.parent / "tests"
_MEMBERS = ("ris", "bib", "csv", "txt", "json")

_TOKENS = tuple(
    token.encode()
    for token in (
        *("\n", "\r", "\t", '"', "'", "{", "}", "[", "]", "(", ")", "<", ">", ",", ";", "\\", "%"),
        *("TY  - JOUR\n", "ER  - \n", "\nAU  - ", "PMID- 1\n", "%0 Journal Article\n", "@article{"),
        *(
            "\nPT J\n",
            "\nEF\n",
            "</",
            "<record>",
            "<![CDATA[",
            "&lt;",
            "&#x110000;",
            "<!DOCTYPE x>",
        ),
        *(
            "\\textless",
            "$^{2}$",
            "and ",
            " et al.",
            "10.1/",
            "doi.org/10.1002/(sici)1<",
            "NCT0123",
        ),
        *(
            "²",
            "٣",
            "①",
            "ı",
            "ß",
            "\u202e",
            "\ud7ff",
            "\ufeff",
            "\ufffe",
            "\U0001f600",
            "\0",
            "\x1a",
        ),
        *(
            "9" * 400,
            "1e999",
            "-1",
            "NaN",
            "null",
            "1999-99-99",
            "0000",
            "[" * 200,
            "{" * 200,
            "(" * 200,
        ),
        *("a, " * 300, "and " * 300, "; " * 300, "=" * 300, " " * 300, "\n" * 300, '"' * 301),
        *("1. ", "[1] ", "<1. >\n", "Record #1 of 2\n", "SrcDatabase-X: 1\n", "RT Journal\n"),
    )
)


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """``data`` with one to six faults: bytes lost, changed, doubled, or parts of ``other``."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.choice((1, 1, 2, 8, 64, 512, 4096)))
        kind = chance.randrange(9)
        if kind == 0:
            data = data[:at] + data[end:]
        elif kind == 1:
            data = data[:at] + bytes(chance.randrange(256) for _ in range(end - at)) + data[end:]
        elif kind == 2:
            data = data[:at] + data[at:end] * chance.choice((2, 3, 50)) + data[end:]
        elif kind in (3, 4):
            data = data[:at] + chance.choice(_TOKENS) * chance.choice((1, 1, 3)) + data[at:]
        elif kind == 5:
            data = data[:at] if chance.random() < 0.5 else data[at:]
        elif kind == 6:
            start = chance.randint(0, len(other))
            data = data[:at] + other[start : start + chance.choice((20, 200, 5_000))] + data[end:]
        elif kind == 7:
            data = _recoded(data, chance)
        else:
            lines = data.split(b"\n")
            chance.shuffle(lines)
            data = b"\n".join(lines)
    return data[:_MOST_BYTES]


def _recoded(data: bytes, chance: random.Random) -> bytes:
    """``data`` in another encoding, or in an archive of one file."""
    text = data.decode("utf-8", "replace")
    if chance.random() < 0.3:
        archive = BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr(f"a.{chance.choice(_MEMBERS)}", data)
        return archive.getvalue()
    codec = chance.choice(("utf-16", "utf-16-le", "utf-8-sig", "latin-1", "cp1251", "gb18030"))
    return text.encode(codec, "replace")


def fault_of(data: bytes, name: str) -> str:
    """What is wrong with how ``data`` is loaded; empty when nothing is."""
    started = time.process_time()
    try:
        result = load_text(data, name)
        for table in (result.citations, result.rejected, result.repaired):
            table.to_json().encode("utf-8")
    except EvidenceError as error:
        if name not in str(error):
            return f"a message without the file's name: {error}"
    except Exception:  # noqa: BLE001 - what this looks for
        return traceback.format_exc()
    seconds = time.process_time() - started
    limit = _ALLOWED + SECONDS_PER_BYTE * len(data)
    return f"{seconds:.1f} s for {len(data):,} bytes" if seconds > limit else ""


def samples(folders: list[Path]) -> list[tuple[str, bytes]]:
    """Name and content of every file in ``folders``, cut where it is long."""
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        (path.name, path.read_bytes()[: 2 * _MOST_BYTES if path.suffix == ".xlsx" else _MOST_BYTES])
        for path in files
        if path.suffix != ".py"
    ]


def main(argv: list[str]) -> int:
    """Damage and load until the time is over; returns 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz", description=__doc__)
    parser.add_argument(
        "--samples", dest="folders", nargs="*", type=Path, default=[_TESTS / "citations/fixtures"]
    )
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for the bytes of each fault")
    options = parser.parse_args(argv)
    found = samples(options.folders)
    write: Callable[[str], object] = sys.stdout.write
    kinds: Counter[str] = Counter()
    end = time.monotonic() + 60 * options.minutes
    seed, loaded = options.seed, 0
    while time.monotonic() < end:
        chance = random.Random(seed)
        name, data = chance.choice(found)
        damaged = mutated(data, chance.choice(found)[1], chance)
        fault = fault_of(damaged, name)
        loaded += 1
        if fault:
            kind = " | ".join(fault.strip().splitlines()[-4:])[:300] if "\n" in fault else fault
            kinds[kind] += 1
            if kinds[kind] == 1:
                write(f"seed {seed}, {name}: {fault}\n")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{seed}-{name}").write_bytes(damaged)
        seed += 1
    write(f"{loaded:,} damaged files, {sum(kinds.values())} faults of {len(kinds)} kinds\n")
    return int(bool(kinds))
