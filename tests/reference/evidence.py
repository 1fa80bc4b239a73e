"""Every question that an evidence base can answer with a pooled effect, and R's answers to it.

A question is a condition (or all of them) and a comparison: as it stands, from one source, or in
one column of the gap map. Questions with the same effects have one answer.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence import EvidenceBase, Question, select
from ipt_evidence.evidence.time_points import BANDS

HERE = Path(__file__).parent
STORED = HERE / "evidence.json"
# What a question may be narrowed to: the column of the effects, and the field of the question.
FIELDS = {"source_id": "sources", "age_group": "age_groups", "format": "formats",
          "outcome_domain": "outcome_domains"}  # fmt: skip


def pooled_questions(base: EvidenceBase) -> dict[str, tuple[Question, pd.DataFrame]]:
    """Questions with two or more studies, by name, and the effects that answer them."""
    found = {}
    conditions = (None, *(condition.id for condition in base.taxonomy.conditions))
    for condition in conditions:
        for comparison in base.taxonomy.comparisons:
            for name, question in _asked(base, condition, comparison.id):
                effects = select(base, question).effects
                if effects["study_id"].nunique() > 1:
                    found[name] = question, effects
    return found


def _asked(
    base: EvidenceBase, condition: str | None, comparison: str
) -> Iterator[tuple[str, Question]]:
    plain = Question(condition, comparison)
    everything = select(base, plain)
    if len(everything.studies) < 2:
        return
    name = f"{condition or 'all'}/{comparison}"
    yield name, plain
    rows = pd.concat([everything.effects, everything.left_out])
    for column, field in FIELDS.items():
        studies = rows.groupby(column)["study_id"].nunique()
        for level in studies.index[studies > 1]:
            yield f"{name}/{field}={level}", replace(plain, **{field: (level,)})
    for band in BANDS:
        yield f"{name}/time={band}", replace(plain, time=band)


def distinct(
    questions: dict[str, tuple[Question, pd.DataFrame]],
) -> dict[str, tuple[list[str], pd.DataFrame]]:
    """Questions that the same effects answer, under the name of the first."""
    groups: dict[tuple[str, ...], tuple[list[str], pd.DataFrame]] = {}
    for name, (_, effects) in questions.items():
        groups.setdefault(tuple(effects["effect_id"]), ([], effects))[0].append(name)
    return {names[0]: (names, effects) for names, effects in groups.values()}


def ask(rscript: str, questions: dict[str, tuple[Question, pd.DataFrame]]) -> dict[str, Any]:
    """What R answers now, in the shape of ``evidence.json``.

    Raises
    ------
    subprocess.CalledProcessError
        When R or a package is missing; R has said which on standard error.
    """
    cases = distinct(questions)
    rows = [
        effects[["study_id", "yi", "vi"]].assign(question=name)
        for name, (_, effects) in cases.items()
    ]
    table = pd.concat(rows)[["question", "study_id", "yi", "vi"]].set_axis(
        ["question", "study", "yi", "vi"], axis="columns"
    )
    said = subprocess.run(
        [rscript, str(HERE / "evidence.R")],
        input=table.to_csv(index=False, float_format="%.17g"),
        stdout=subprocess.PIPE, text=True, check=True, encoding="utf-8",
    ).stdout  # fmt: skip
    answers: dict[str, Any] = {name: {"questions": cases[name][0]} for name in cases}
    source: dict[str, str] = {}
    for question, part, name, value in csv.reader(io.StringIO(said)):
        if part == "source":
            source[name] = value
        else:
            number = None if value in ("NA", "NaN") else float(value)
            answers[question].setdefault(part, {})[name] = number
    return {"source": source, "cases": answers}


def stored() -> dict[str, Any]:
    """The answers that are committed."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def store(answers: dict[str, Any]) -> None:
    """Write them with sorted keys, so that an unchanged answer is an unchanged line."""
    STORED.write_text(json.dumps(answers, indent=1, sort_keys=True) + "\n", encoding="utf-8")
