"""Exports and printed references of every kind that reviewers get, each with its right values.

`fixtures/export_kinds.txt` and `printed_kinds.txt` hold them: ``@@@@`` and a file's name, its text,
``====``, and a line of JSON a record with what must be read of it. ``refused`` is what the message
must say instead. Details are invented; the forms are those of the databases and styles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ipt_evidence.citations.loading import load_text
from ipt_evidence.errors import CitationError

FIXTURES = Path(__file__).parent / "fixtures"


def cases() -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    for file in ("export_kinds.txt", "printed_kinds.txt"):
        for block in (FIXTURES / file).read_text(encoding="utf-8").split("@@@@ ")[1:]:
            name, _, rest = block.partition("\n")
            text, _, right = rest.partition("\n====\n")
            yield name, f"{text}\n", [json.loads(line) for line in right.splitlines() if line]


CASES = list(cases())


def read(row: dict[str, Any], field: str) -> Any:
    value = row[field]
    if field == "authors":
        return [
            ", ".join(filter(None, (person["family"], person["given"], person.get("suffix"))))
            for person in value
        ]
    return None if isinstance(value, float) or value is pd.NA else value


@pytest.mark.parametrize(
    ("name", "text", "right"), CASES, ids=[f"{n}-{name}" for n, (name, _, _) in enumerate(CASES)]
)
def test_every_field_is_read(name: str, text: str, right: list[dict[str, Any]]) -> None:
    if "refused" in right[0]:
        with pytest.raises(CitationError) as refusal:
            load_text(text, name)
        assert right[0]["refused"] in str(refusal.value)
        return
    rows = load_text(text, name).citations.to_dict("records")
    assert len(rows) == len(right)
    for row, wanted in zip(rows, right, strict=True):
        assert {field: read(row, field) for field in wanted} == wanted
