from __future__ import annotations

from pathlib import Path

import pytest

from ipt_evidence import EvidenceBase

FIXTURES = Path(__file__).parent / "fixtures"
ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"


@pytest.fixture
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture
def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip("third-party samples are not beside the project")
    return SAMPLES


@pytest.fixture
def data(base: EvidenceBase) -> Path:
    return base.folder
