"""Show that the evidence can grow: a new trial breaks no test, but asks for what follows from it.

``make growth`` copies the project, adds an invented trial to the copy's `data/` as a person would,
and runs the tests that read `data/` (``pytest -m live``; with arguments, those tests) at each step:

1. after ``derive`` and ``describe`` only tests fail that say "release the data" or "run `make …`";
2. after ``release`` only tests fail that say "run `make …`";
3. after these, none fails.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from defusedxml import ElementTree

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")
RELEASE = "release the data"
REMEDY = re.compile(r"run `make ([a-z-]+)`")
MODEL = "johnson2012"  # the invented trial is coded as this one is: depression v control, means
TRIAL = "invented2026"
BIBTEX = f"""
@article{{{TRIAL},
  author = {{Invented, A.}},
  title = {{An invented trial of interpersonal psychotherapy for major depression}},
  journal = {{Journal of Invented Trials}},
  doi = {{10.5555/invented.2026}},
  year = {{2026}}
}}
"""


def main(arguments: list[str]) -> int:
    """Grow a copy of the project and follow what its tests ask for: 0 when all are green then."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(ROOT, Path(folder) / "project", ignore=NOT_COPIED))
        add_trial(copy / "data")
        for command in ("derive", "describe", "validate"):
            cli(copy, command)
        asked = remedies(copy, arguments)
        if RELEASE not in asked:
            raise SystemExit("No test asks for a release of the changed data")
        cli(copy, "release", "--because", "An invented trial.")
        asked = remedies(copy, arguments)
        if RELEASE in asked:
            raise SystemExit("The data were released, and a test still asks for it")
        for target in sorted(asked):
            make(copy, target)
        if remedies(copy, arguments):
            raise SystemExit("What the tests ask for was done, and they still fail")
    print("The evidence can grow: a new trial, and what its tests ask for, leave every test green.")
    return 0


def add_trial(data: Path) -> None:
    """Append an invented trial to each table in which a trial has a row."""
    append(data / "studies.csv", study_id=TRIAL, label="Invented 2026", year="2026",
           references=TRIAL, source_id="trial-reports")  # fmt: skip
    append(data / "effects.csv", effect_id=f"{TRIAL}-hdrs-17", reference=TRIAL, study_id=TRIAL,
           source_id="trial-reports", n_ipt="60", n_comparator="58", reported_value="NA",
           reported_se="NA", reported_metric="NA", reported_positive_favours="NA")  # fmt: skip
    append(data / "integrity.csv", reference=TRIAL)
    with (data / "references.bib").open("a", encoding="utf-8") as file:
        file.write(BIBTEX)


def append(path: Path, **cells: str) -> None:
    """Add a row like the model's, with other cells."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    model = next(row for row in rows if MODEL in (row.get("study_id"), row.get("reference")))
    if not set(cells) <= set(model):
        raise SystemExit(f"{path.name} has no column {', '.join(set(cells) - set(model))}")
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, list(model), lineterminator="\n").writerow(model | cells)


def cli(copy: Path, *arguments: str) -> None:
    print("$ ipt-evidence", *arguments, flush=True)
    subprocess.run([sys.executable, "-m", "ipt_evidence", *arguments], cwd=copy, check=True)


def make(copy: Path, target: str) -> None:
    """Make a target of the copy with the Python that runs, whose packages need no second look."""
    print("$ make", target, flush=True)
    ready = [f"-o{sys.prefix}/.installed-{kind}" for kind in ("run", "test")]
    subprocess.run(["make", target, f"VENV={sys.prefix}", *ready], cwd=copy, check=True)


def remedies(copy: Path, arguments: list[str]) -> set[str]:
    """Run the tests: what the failing ones ask for; a failure that asks for nothing ends it."""
    report = copy / "report.xml"
    chosen = arguments or ["-m", "live"]
    command = [sys.executable, "-m", "pytest", "-q", "--junitxml", report, *chosen]
    done = subprocess.run(command, cwd=copy, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    print(done.stdout.splitlines()[-1], flush=True)
    asked: set[str] = set()
    unexpected = []
    for case in ElementTree.parse(report).iter("testcase"):
        for failure in [*case.iter("failure"), *case.iter("error")]:
            words = failure.get("message", "")
            found = set(REMEDY.findall(words)) | ({RELEASE} if RELEASE in words else set())
            name = f"{case.get('classname')}::{case.get('name')}"
            print(f"  {name}: {', '.join(sorted(found)) or 'asks for nothing'}", flush=True)
            asked |= found
            if not found:
                unexpected.append(f"{name}\n{failure.text}")
    if unexpected:
        raise SystemExit("These tests fail because the evidence grew:\n" + "\n".join(unexpected))
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
