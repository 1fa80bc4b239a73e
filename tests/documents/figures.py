"""Figures of the bundled data in the README and in the documentation: computed, never typed.

``make figures`` rewrites them; `test_documents.py` says when they are stale.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ipt_evidence import EvidenceBase  # noqa: E402

README = ROOT / "README.md"
EXAMPLES = ROOT / "docs" / "python.md"
PSYCTR = "metapsy-depression-psyctr"
PRINTED = "# → "
WIDTH = 76


def with_figures(text: str, base: EvidenceBase) -> str:
    """The text of the README with each figure as the base has it now.

    Raises
    ------
    ValueError
        When a figure is not found: the sentence was reworded, and its pattern here was not.
    """
    for pattern, value in _figures(base).items():
        text, found = re.subn(pattern, lambda match, value=value: match[1] + value + match[2], text)
        if found != 1:
            raise ValueError(f"README.md: {found} places match {pattern!r}; mend {Path(__file__)}")
    return text


def with_examples(text: str) -> str:
    """The text of a page with what each of its examples in Python prints today."""
    return re.sub(r"```python\n(.*?)```", _example, text, flags=re.DOTALL)


def renewed(base: EvidenceBase) -> dict[Path, str]:
    """Each document that holds figures of the data, with its text as it should be now."""
    return {
        README: with_figures(README.read_text(encoding="utf-8"), base),
        EXAMPLES: with_examples(EXAMPLES.read_text(encoding="utf-8")),
    }


def _figures(base: EvidenceBase) -> dict[str, str]:
    searched = date.fromisoformat(base.sources[PSYCTR].last_search)
    return {
        r"(data package: )\d+( studies)": str(len(base.studies)),
        r"(studies, )\d+( results)": str(len(base.effects)),
        r"(results and )\d+( published\s+pooled effects)": str(len(base.pooled)),
        r"(zenodo\.7254845\) \| )\d+( trials with an IPT arm)": str(
            (base.studies["source_id"] == PSYCTR).sum()
        ),
        r"(trials with an IPT arm \| )\w+ \d{4}( \|)": f"{searched:%B %Y}",
    }


def _example(block: re.Match[str]) -> str:
    """An example as it stands, but with the lines that it prints today."""
    lines = block[1].splitlines()
    code = "\n".join(line for line in lines if not line.startswith(PRINTED))
    stands = [line.removeprefix(PRINTED) for line in lines if line.startswith(PRINTED)]
    printed = _printed_by(code)
    if printed.split() == " ".join(stands).split():
        return block[0]
    wrapped = [PRINTED + line for line in textwrap.wrap(printed, WIDTH)]
    return "\n".join(["```python", code, *wrapped, "```"])


def _printed_by(code: str) -> str:
    """What the code prints with the bundled data, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "IPT_EVIDENCE_DATA"}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout


if __name__ == "__main__":
    base = EvidenceBase.load(ROOT / "data")
    for path, text in renewed(base).items():
        path.write_text(text, encoding="utf-8")
