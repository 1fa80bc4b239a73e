"""The bundle of an estimate from a reader's own table: rows, programs in R and Python, figures."""

from __future__ import annotations

import json

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.files import zipped
from ipt_evidence.exchange.bundle import bundle_files, sums
from ipt_evidence.exchange.own_data import words
from ipt_evidence.exchange.own_data.base import OwnNames
from ipt_evidence.exchange.own_data.effects import Effects
from ipt_evidence.meta_analysis.escalc import MEASURES
from ipt_evidence.wording.plain import csv_safe

__all__ = ["own_bundle"]

_KEPT = ("analysis.R", "analysis.py", "settings.json", "figures/", "data/effects.csv",
         "data/trials.csv", "data/left_out.csv", "formats/metafor.csv")  # fmt: skip


def own_bundle(base: EvidenceBase, answer: Estimate, effects: Effects, names: OwnNames) -> bytes:
    """A ZIP with which a stranger computes the number again.

    Raises
    ------
    QuestionError
        When nothing was pooled.
    """
    files = {
        name: data for name, data in bundle_files(base, answer).items() if name.startswith(_KEPT)
    }
    for script in ("analysis.R", "analysis.py"):
        text = files[script].decode()
        # Names of a reader's own do not enter programs: they could end a text and become code.
        text = text.replace("Positive favours IPT", "Positive favours arm 1")
        text = text.replace("positive favours IPT", "positive favours arm 1")
        measured = MEASURES[effects.measure].label
        if effects.measure != "SMD":
            text = text.replace("yi is Hedges g", f"yi is: {measured}")
            text = text.replace("g = ", "estimate = ")
        files[script] = text.encode()
    settings = json.loads(files["settings.json"])
    settings["positive_favours"] = names.treatment
    settings["own_table"] = {
        "table": effects.table.name,
        "measure": effects.measure,
        "columns": effects.mapped,
        "notes": list(effects.notes),
    }
    files["settings.json"] = (json.dumps(settings, indent=2, ensure_ascii=False) + "\n").encode()
    files["data/rows.csv"] = csv_safe(words.rows_table(effects)).encode()
    files["README.md"] = _readme(answer, effects, names).encode()
    files["SHA256SUMS"] = sums(files).encode()
    return zipped({name: files[name] for name in sorted(files)})


def _readme(answer: Estimate, effects: Effects, names: OwnNames) -> str:
    sentence = words.answer(answer, effects, names)
    return f"""# {effects.table.name}

{sentence}

Arm 1 is {names.treatment}, arm 2 {names.comparison}. {words.basis(answer, effects)}

    Rscript analysis.R        (needs metafor; with CHE also clubSandwich)
    python analysis.py        (needs NumPy and SciPy; with CHE this project)

Both read data/effects.csv, compute the estimate again and compare it with the one shown. Columns
that end in `_ipt` are those of arm 1, those that end in `_comparator` of arm 2.

- data/rows.csv: each row of the table, what it was read as, what was done to it, or why it has
  no effect
- data/effects.csv, data/trials.csv: the effects, and one row a trial as pooled
- formats/metafor.csv: the same for `rma(yi, vi, data = read.csv(...))`
- settings.json: measure, columns, model and result

{words.recognised_sentence(effects)}
"""
