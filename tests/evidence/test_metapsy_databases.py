"""The six Metapsy databases beside the project, where somebody put them: the base agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.evidence.validation import validate
from ipt_evidence.exchange.metapsy import Imported, agreement, import_database, open_database
from ipt_evidence.exchange.metapsy import write_base as write

PLACE = Path(__file__).resolve().parents[2].parent / "shared" / "metapsy"
NAMES = ("depression-psyctr", "depression-inpatients", "borderline-psyctr", "sad-psyctr",
         "ptsd-psyctr", "total-response")  # fmt: skip

pytestmark = pytest.mark.skipif(
    not PLACE.is_dir(), reason="the databases are not beside the project"
)


@pytest.fixture(scope="module")
def imports() -> dict[str, Imported]:
    base = EvidenceBase.load()
    return {name: import_database(open_database(PLACE / name), base) for name in NAMES}


@pytest.mark.parametrize(
    ("name", "means", "agree", "disagree"),
    [
        ("depression-psyctr", "benefit", 660, 1),
        ("depression-inpatients", "harm", 98, 0),
        ("borderline-psyctr", "harm", 7, 0),
        ("sad-psyctr", "benefit", 116, 0),
        ("ptsd-psyctr", "benefit", 45, 0),
        ("total-response", "none", 0, 0),
    ],
)
def test_the_direction_of_each_database_is_found(
    imports: dict[str, Imported], name: str, means: str, agree: int, disagree: int
) -> None:
    found = imports[name].direction
    assert (found.positive_means, found.agree, found.disagree) == (means, agree, disagree)


@pytest.mark.parametrize(
    ("name", "ipt", "unsure", "excluded", "studies"),
    [
        ("depression-psyctr", 48, 0, 8, 31),
        ("depression-inpatients", 4, 0, 0, 1),
        ("borderline-psyctr", 3, 0, 1, 2),
        ("sad-psyctr", 2, 0, 2, 1),
        ("ptsd-psyctr", 1, 1, 6, 2),
        ("total-response", 20, 3, 3, 23),
    ],
)
def test_every_ipt_row_is_found_and_nothing_else(
    imports: dict[str, Imported], name: str, ipt: int, unsure: int, excluded: int, studies: int
) -> None:
    decisions = [row.decision for row in imports[name].decisions]
    counts = tuple(decisions.count(kind) for kind in ("ipt", "unsure", "excluded"))
    assert counts == (ipt, unsure, excluded)
    assert len(imports[name].studies) == studies


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_base_is_the_databases(
    imports: dict[str, Imported], base: EvidenceBase, name: str
) -> None:
    held = agreement(imports[name], base)
    assert held.only_base == ()
    numeric = [row for row in held.differences if row.column in ("yi", "vi")]
    assert numeric == []


def test_where_the_base_is_coded_otherwise_it_is_on_purpose(
    imports: dict[str, Imported], base: EvidenceBase
) -> None:
    found = {
        (row.effect_id, row.column, row.base, row.imported)
        for name in NAMES
        for row in agreement(imports[name], base).differences
        if row.column not in ("comparator_type", "include")
    }
    # Codes that the trials' own reports correct: the control arms of Schramm 2007 and Bellino
    # 2010 took medication, as the IPT arms did; Lenze 2017 and 2020 report the same women.
    schramm = ("schramm2007-hdrs", "schramm2007-hdrs-57weeks", "schramm2007-bdi",
               "schramm2007-bdi-57weeks")  # fmt: skip
    combined = {(key, "comparison", "combined", "control") for key in schramm}
    combined.add(("bellino2010-bpdsi", "comparison", "combined", "control"))
    lenze = ("lenze2017-response-calculated-2020", "study_id", "lenze2017", "lenze2020")
    assert found == combined | {lenze}


def test_rates_calculated_by_the_database_are_never_pooled_in_the_base(
    imports: dict[str, Imported], base: EvidenceBase
) -> None:
    held = agreement(imports["total-response"], base)
    differing = {row.effect_id for row in held.differences if row.column == "include"}
    rows = base.effects.set_index("effect_id").loc[sorted(differing)]
    assert not rows["include"].any()
    # The arms of these two are coded as another treatment there; only their references name IPT.
    unsure = {"bellino2010-response-calculated", "bozzatello2020-response-calculated"}
    assert unsure <= set(held.only_imported)


def test_known_traps_are_flagged(imports: dict[str, Imported]) -> None:
    warned = [text for imported in imports.values() for text in imported.warnings]
    assert len(warned) == 1 and "lenze2017" in warned[0]
    stair = [row for row in imports["ptsd-psyctr"].decisions if "STAIR" in row.reason]
    assert {row.decision for row in stair} == {"excluded"}
    krupnick = next(r for r in imports["ptsd-psyctr"].decisions if r.study == "Krupnick, 2008")
    assert krupnick.decision == "ipt"


@pytest.mark.parametrize("name", NAMES)
def test_each_import_is_a_sound_base(
    imports: dict[str, Imported], base: EvidenceBase, name: str, tmp_path: Path
) -> None:
    assert validate(write(imports[name], base, tmp_path / "out")) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_date_of_the_last_search_is_the_databases(
    imports: dict[str, Imported], base: EvidenceBase, name: str
) -> None:
    assert base.sources[f"metapsy-{name}"].last_search == imports[name].database.last_search
