"""Write the invented data sets that the reference values are computed on.

No number here comes from a trial. Run by hand: `python tests/reference/make_data.py`.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "data"


def write(name: str, columns: dict[str, list[object]]) -> None:
    with (FOLDER / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(zip(*columns.values(), strict=True))


def rounded(values: np.ndarray, digits: int) -> list[object]:
    return [round(float(v), digits) for v in values]


def effects(rng: np.random.Generator, k: int, tau: float, mean: float) -> dict[str, list[object]]:
    people = np.exp(rng.normal(4.3, 0.7, k)).round() + 12
    vi = 4.0 / people * rng.uniform(0.9, 1.2, k)
    dose = rng.integers(4, 21, k)
    group = rng.choice(["individual", "group", "remote"], k)
    yi = mean + 0.02 * (dose - 12) + tau * rng.normal(size=k) + np.sqrt(vi) * rng.normal(size=k)
    return {
        "study": [f"study {i + 1:02d}" for i in range(k)],
        "yi": rounded(yi, 6),
        "vi": rounded(vi, 6),
        "year": rng.integers(1979, 2024, k).tolist(),
        "dose": dose.tolist(),
        "format": group.tolist(),
    }


def even(rng: np.random.Generator, k: int) -> dict[str, list[object]]:
    """Effects that differ less than chance would have it: every estimator gives tau² = 0."""
    table = effects(rng, k, 0.0, 0.4)
    table["yi"] = rounded(0.4 + 0.4 * (np.array(table["yi"], dtype=float) - 0.4), 6)
    return table


def small_study(rng: np.random.Generator, k: int) -> dict[str, list[object]]:
    """Effects that grow with their standard error, as when small null trials stay unpublished."""
    table = effects(rng, k, 0.1, 0.25)
    se = np.sqrt(np.array(table["vi"], dtype=float))
    table["yi"] = rounded(np.array(table["yi"], dtype=float) + 1.4 * (se - se.min()), 6)
    return table


def clustered(rng: np.random.Generator, studies: int) -> dict[str, list[object]]:
    size = rng.integers(1, 6, studies)
    study = np.repeat(np.arange(studies), size)
    people = np.exp(rng.normal(4.2, 0.6, studies)).round() + 14
    vi = 4.0 / people[study] * rng.uniform(0.85, 1.25, study.size)
    rater = rng.choice(["self", "clinician"], study.size)
    yi = 0.45 + 0.3 * rng.normal(size=studies)[study] + 0.15 * rng.normal(size=study.size)
    yi += np.sqrt(vi) * (
        0.75 * rng.normal(size=studies)[study] + 0.66 * rng.normal(size=study.size)
    )
    order = rng.permutation(study.size)  # effects of one study need not stand together
    return {
        "study": [f"study {i + 1:02d}" for i in study[order]],
        "yi": rounded(yi[order], 6),
        "vi": rounded(vi[order], 6),
        "year": rng.integers(1979, 2024, studies)[study][order].tolist(),
        "rater": rater[order].tolist(),
    }


def two_maxima() -> dict[str, list[object]]:
    """Five sets of four effects whose likelihood falls from tau² = 0 and then rises again.

    In the first four the inner maximum is the higher, in the fifth the one at zero.
    """
    yi = [
        [-0.27, -0.38, -1.55, -0.46],
        [-0.53, -0.71, 1.04, -1.23],
        [-0.11, 1.74, 0.19, 0.28],
        [1.62, 0.64, 1.28, -1.63],
        [1.43, -0.9, -0.75, -0.86],
    ]
    vi = [
        [0.02, 0.011, 0.192, 0.128],
        [0.032, 0.109, 0.414, 0.339],
        [0.107, 0.376, 0.146, 0.024],
        [0.896, 0.015, 0.562, 1.029],
        [0.632, 0.453, 0.019, 0.031],
    ]
    return {
        "set": [i for i in range(1, 6) for _ in range(4)],
        "yi": [y for row in yi for y in row],
        "vi": [v for row in vi for v in row],
    }


def means(rng: np.random.Generator, k: int) -> dict[str, list[object]]:
    n1 = rng.integers(2, 90, k)
    n2 = np.maximum(2, n1 + rng.integers(-8, 9, k))
    return {
        "mean1": rounded(rng.normal(11, 3, k), 2),
        "sd1": rounded(rng.uniform(3, 9, k), 2),
        "n1": n1.tolist(),
        "mean2": rounded(rng.normal(14, 3, k), 2),
        "sd2": rounded(rng.uniform(3, 9, k), 2),
        "n2": n2.tolist(),
    }


def events(rng: np.random.Generator, k: int) -> dict[str, list[object]]:
    n1, n2 = rng.integers(8, 120, k), rng.integers(8, 120, k)
    events1, events2 = rng.binomial(n1, 0.45), rng.binomial(n2, 0.25)
    events1[0], events2[1], events1[2], events2[2] = 0, 0, n1[2], 0
    events1[3] = events2[3] = 0  # no event in either arm
    return {
        "events1": events1.tolist(),
        "n1": n1.tolist(),
        "events2": events2.tolist(),
        "n2": n2.tolist(),
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    write("mixed", effects(np.random.default_rng(11), 24, 0.3, 0.5))
    write("even", even(np.random.default_rng(29), 8))
    write("few", effects(np.random.default_rng(5), 3, 0.4, 0.3))
    write("pair", effects(np.random.default_rng(8), 2, 0.5, 0.3))
    write("skewed", small_study(np.random.default_rng(17), 20))
    write("clustered", clustered(np.random.default_rng(3), 20))
    write("two_maxima", two_maxima())
    write("means", means(np.random.default_rng(23), 14))
    write("events", events(np.random.default_rng(41), 14))


if __name__ == "__main__":
    main()
