"""Bring the stored reference values up to date: ``make reference``.

The answers for ``data/`` are asked of R each time. The values on invented numbers take minutes and
cannot change unless an input of theirs does: `INPUTS` holds the digests that they were made from.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys

from evidence import HERE, ask, pooled_questions, store
from therapies import ask_therapies, store_therapies

from ipt_evidence import EvidenceBase

ROOT = HERE.parents[1]
INPUTS = HERE / "inputs.sha256"


def digests() -> str:
    """What the values on invented numbers depend on, as ``sha256sum`` writes it."""
    paths = [HERE / "make_data.py", HERE / "make_reference.R", *sorted(HERE.glob("data/*.csv"))]
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(HERE)}\n"
        for path in paths
    )


def main() -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        sys.exit(
            "R is not installed. On Debian: apt install r-base-core r-cran-metafor "
            "r-cran-clubsandwich r-cran-jsonlite r-cran-numderiv"
        )
    base = EvidenceBase.load(ROOT / "data")
    store(ask(rscript, pooled_questions(base)))
    store_therapies(ask_therapies(rscript, base))
    if not INPUTS.exists() or INPUTS.read_text("utf-8") != digests():
        subprocess.run([sys.executable, str(HERE / "make_data.py")], check=True)
        subprocess.run([rscript, str(HERE / "make_reference.R")], check=True, cwd=ROOT)
        INPUTS.write_text(digests(), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(map(str, error.cmd[:2]))} failed; its message stands above.")
