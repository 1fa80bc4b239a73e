"""Progress is heard by who listens in the same thread, and only while it listens."""

from __future__ import annotations

from threading import Thread

import pytest

from ipt_evidence import EvidenceBase, Question, progress
from ipt_evidence.analyses.gosh.result import pooled_subsets
from ipt_evidence.analyses.multiverse.result import curve_of
from ipt_evidence.evidence.view import View


def test_a_report_reaches_the_listener_of_its_thread() -> None:
    heard: list[float] = []
    progress.report(0.1)
    with progress.listening(heard.append):
        progress.report(0.2)
        other = Thread(target=progress.report, args=(0.3,))
        other.start()
        other.join()
    progress.report(0.4)
    assert heard == [0.2]


def test_what_a_listener_raises_ends_the_computation() -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), progress.listening(stop):
        progress.report(0.5)
    progress.report(1.0)


@pytest.mark.parametrize(
    ("compute", "arguments"), [(curve_of, ()), (pooled_subsets, ("EE", 10_000))]
)
def test_long_computations_report_up_to_the_end(base: EvidenceBase, compute, arguments) -> None:
    heard: list[float] = []
    view = View(Question("postpartum", "control"))
    with progress.listening(heard.append):
        compute(base, view, *arguments)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
