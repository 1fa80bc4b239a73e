"""Things worked out once of an object, for as long as it lives."""

from __future__ import annotations

import gc

import pandas as pd

from ipt_evidence import EvidenceBase
from ipt_evidence.evidence import once as module
from ipt_evidence.evidence.once import once


def test_it_is_worked_out_once_for_each_object_and_name() -> None:
    made: list[str] = []
    first, second = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})
    for frame, name in ((first, "x"), (first, "x"), (second, "x"), (first, "y")):
        once(frame, name, lambda name=name: made.append(name) or name)
    assert made == ["x", "x", "y"]


def test_what_is_gone_is_forgotten() -> None:
    frame = pd.DataFrame({"a": [1]})
    once(frame, "forgotten", lambda: 1)
    key = (id(frame), "forgotten")
    assert key in module._kept
    del frame
    gc.collect()
    assert key not in module._kept


def test_records_of_the_base_cannot_be_changed_from_outside(base: EvidenceBase) -> None:
    key = base.references["key"].iloc[0]
    record = base.reference(key)
    record["title"] = "Another"
    assert base.reference(key)["title"] == base.references["title"].iloc[0]
    assert base.reference("nobody2030") is None
