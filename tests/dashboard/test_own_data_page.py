"""The page Your data: from a file to a forest plot, with choices in the address."""

from __future__ import annotations

import json

import pytest
from browsing import PATIENCE, open_page
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from tests.evidence.test_own_data import BIBLIOGRAPHY
from tests.own_tables import ARMS, FILES

SCRIPT = """
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.views import own_data
session.use(None)
address.start("your-data")
own_data.render()
address.finish()
"""
SECTIONS = "rows certainty robustness differences small-studies over-time human".split()


def app(data: bytes, **query: str) -> AppTest:
    run = AppTest.from_string(SCRIPT, default_timeout=PATIENCE / 1000)
    run.session_state["own-pasted"] = data.decode("utf-8-sig")
    for word, value in query.items():
        run.query_params[word] = value
    run.run()
    assert not run.exception
    assert not run.error
    return run


def shown(run: AppTest) -> list[str]:
    """Keys of the figures and tables that the page hands to the browser."""
    protos = [element.proto for element in run.get("bidi_component")]
    return [json.loads(p.bytes)["key"] for p in protos if p.component_name == "ipt_tables"]


def test_every_section_of_a_table_of_means() -> None:
    means = FILES[0].data.decode().splitlines()
    dated = "\n".join([f"{means[0]},setting", *(
        f"{row},{('clinic', 'school')[place % 2]}" for place, row in enumerate(means[1:]))]
    )  # fmt: skip
    for section in SECTIONS:
        run = app(dated.encode(), section=section, flip="1", treatment="Running", against="Rest")
        said = " ".join(one.value for one in run.markdown)
        assert "on the side of Running" in said
        assert "IPT" not in said.replace("the evidence for IPT", "")
    groups = app(dated.encode(), section="differences", by="setting")
    assert any("Groups by setting" in one.value for one in groups.markdown)


def test_choices_stand_in_the_address_and_change_the_answer() -> None:
    run = app(FILES[0].data)
    run.selectbox(key="measure").select("MD").run()
    run.toggle(key="flip").set_value(True).run()
    assert run.query_params["measure"] == "MD"
    assert run.query_params["flip"] == "1"
    assert "data" not in str(run.query_params)
    said = " ".join(one.value for one in run.markdown)
    assert "Mean difference" in said
    run.selectbox(key="column-arm1").select("study").run()
    assert run.query_params["column-arm1"] == "study"
    assert not run.exception
    assert "forest" in shown(run)


def test_another_analysis_of_a_file_begins_with_its_own_columns() -> None:
    run = app(next(file.data for file in FILES if file.name == "revman-web.csv"))
    assert run.selectbox(key="measure").value == "SMD"
    run.selectbox(key="own-sheet").select("1.2 Response").run()
    assert not run.exception
    assert run.selectbox(key="measure").value == "OR"
    assert run.selectbox(key="column-e1").value == "Experimental cases"
    assert "forest" in shown(run)


def test_a_table_that_cannot_be_read_is_an_error_in_words() -> None:
    run = AppTest.from_string(
        SCRIPT.replace("own_data.render()", "import streamlit as st\nfrom ipt_evidence.errors "
                       "import EvidenceError\ntry:\n    own_data.render()\nexcept EvidenceError "
                       "as err:\n    st.error(str(err))"),
        default_timeout=PATIENCE / 1000,
    )  # fmt: skip
    run.session_state["own-pasted"] = "a,b\n1,2\n"
    run.run()
    assert "no columns make an effect" in run.error[0].value


@pytest.mark.browser
def test_every_kind_of_file_goes_from_drop_to_forest_plot_in_a_browser(page: Page) -> None:
    open_page(page, "/your-data")
    for file in FILES:
        page.locator("input[type=file]").first.set_input_files(
            {"name": file.name, "mimeType": "application/octet-stream", "buffer": file.data}
        )
        expect(page.get_by_text(f"· {file.name}", exact=False)).to_be_visible()
        expect(page.locator(".st-key-answer")).to_contain_text("Across six trials")
        plot = page.locator(".js-plotly-plot").first
        expect(plot).to_contain_text(ARMS[0][0])
        expect(page.get_by_role("combobox", name="Effect")).to_be_visible()
    assert "Adams" not in page.url
    page.get_by_text("Columns and names").click()
    page.locator(".st-key-own-bibliography input[type=file]").set_input_files(
        {"name": "own.bib", "mimeType": "text/plain", "buffer": BIBLIOGRAPHY.encode()}
    )
    expect(page.get_by_text("2 of 6 studies found their reference")).to_be_visible()
