"""Every therapy of ``context.csv`` by condition, and R's answers: pooled, and IPT minus others."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence import EvidenceBase, Question
from ipt_evidence.analyses.therapies.result import COVARIATES
from ipt_evidence.evidence.context import context_conditions, narrowed

HERE = Path(__file__).parent
STORED = HERE / "therapies.json"
COLUMNS = ["condition", "therapy", "study_id", "yi", "vi", *COVARIATES]


def conditions(base: EvidenceBase) -> list[str]:
    """Top conditions with IPT and another therapy; R takes seconds for each."""
    return [one for one in context_conditions(base) if one in base.taxonomy.top_level]


def asked(base: EvidenceBase) -> pd.DataFrame:
    """The rows that R is given."""
    return pd.concat(
        [
            narrowed(base, Question(condition)).rows.assign(condition=condition)
            for condition in conditions(base)
        ]
    )[COLUMNS].rename(columns={"study_id": "study"})


def ask_therapies(rscript: str, base: EvidenceBase) -> dict[str, Any]:
    """What R answers now, in the shape of ``therapies.json``.

    Raises
    ------
    subprocess.CalledProcessError
        When R or metafor is missing; R has said which on standard error.
    """
    said = subprocess.run(
        [rscript, str(HERE / "therapies.R")],
        input=asked(base).to_csv(index=False, float_format="%.17g"),
        stdout=subprocess.PIPE, text=True, check=True, encoding="utf-8",
    ).stdout  # fmt: skip
    source: dict[str, str] = {}
    cases: dict[str, Any] = {}
    for condition, part, name, value in csv.reader(io.StringIO(said)):
        if part == "source":
            source[name] = value
        else:
            cases.setdefault(condition, {}).setdefault(part, {})[name] = float(value)
    return {"source": source, "cases": cases}


def stored_therapies() -> dict[str, Any]:
    """The answers that are committed."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def store_therapies(answers: dict[str, Any]) -> None:
    """Write them with sorted keys, so that an unchanged answer is an unchanged line."""
    STORED.write_text(json.dumps(answers, indent=1, sort_keys=True) + "\n", encoding="utf-8")
