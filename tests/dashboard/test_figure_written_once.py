"""A figure that is kept is turned into JSON once, not for every click of every reader."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.basedatatypes import BaseFigure
from streamlit.testing.v1 import AppTest

from ipt_evidence.dashboard.components.cells import packed_table


def _page(figure: object) -> None:
    from ipt_evidence.dashboard.components.figure import show_figure

    show_figure(figure, key="one", name="one", alt="One dot.")


def test_a_figure_shown_again_is_not_written_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    written, whole = [], BaseFigure.to_dict

    def counted(self: BaseFigure) -> dict[str, object]:
        written.append(self)
        return whole(self)

    monkeypatch.setattr(BaseFigure, "to_dict", counted)
    figure = go.Figure(go.Scatter(x=[0.4], y=["one"]))
    app = AppTest.from_function(_page, args=(figure,))
    for _ in range(3):
        app.run()
        assert not app.exception
    assert len(written) == 1
    assert '"x":[0.4]' in app.get("plotly_chart")[0].proto.spec


def test_a_table_shown_again_is_not_written_out_again() -> None:
    frame = pd.DataFrame({"Study": ["Elm 2016"], "g": [0.4]})
    facts = {"kind": "table", "key": "one"}
    first = packed_table(frame, facts)
    assert packed_table(frame, facts) is first
    assert b"Elm 2016" in first and packed_table(frame, {**facts, "key": "two"}) != first
    picked = {**facts, "picked": ("elm",)}
    assert packed_table(frame, picked) is not packed_table(frame, picked)
