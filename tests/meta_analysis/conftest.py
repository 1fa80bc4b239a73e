"""Reference values from R as test cases, and the data sets that they were computed on.

A test that asks for `pooling_case` runs once for each case of ../reference/pooling.json.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

REFERENCE = Path(__file__).parents[1] / "reference"
BUNDLED = Path(__file__).parents[2] / "ipt_evidence" / "exchange" / "own_data"
SUFFIX = "_case"

Table = dict[str, np.ndarray]


def read_cases(topic: str) -> list[dict[str, Any]]:
    return json.loads((REFERENCE / f"{topic}.json").read_text("utf-8"))["cases"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name in metafunc.fixturenames:
        if name.endswith(SUFFIX):
            cases = read_cases(name.removesuffix(SUFFIX))
            metafunc.parametrize(name, cases, ids=[case["id"] for case in cases])


@pytest.fixture
def reference() -> Callable[[str], list[dict[str, Any]]]:
    """All cases of a topic, for tests of the grid itself."""
    return read_cases


@pytest.fixture
def dataset() -> Callable[[str], Table]:
    """A data set by name: columns as arrays, numbers where the column holds numbers."""

    def load(name: str) -> Table:
        path = REFERENCE / "data" / f"{name}.csv"
        with (path if path.exists() else BUNDLED / path.name).open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {column: _typed([row[column] for row in rows]) for column in rows[0]}

    return load


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240501)


def _typed(values: list[str]) -> np.ndarray:
    try:
        return np.array([float(value) for value in values])
    except ValueError:
        return np.array(values)
