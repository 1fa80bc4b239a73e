"""Print the rows behind each question that the bundled data can answer, for ``evidence.R``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ipt_evidence import EvidenceBase, Question, coverage, select

SOURCE = "metapsy-depression-psyctr"


def main() -> None:
    base = EvidenceBase.load()
    conditions = tuple(condition.id for condition in base.taxonomy.conditions)
    questions = {
        f"{cell.condition}/{cell.comparison}": cell.estimate.selection.effects
        for cell in coverage(base, conditions=conditions)
        if cell.estimate.k > 1
    }
    asked = Question("depression", "control", (SOURCE,))
    questions[f"depression/control@{SOURCE}"] = select(base, asked).effects
    rows = {
        name: [{"study": row.study_id, "yi": row.yi, "vi": row.vi} for row in effects.itertuples()]
        for name, effects in questions.items()
    }
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main()
