"""What a link asks for and the page does not know is named, not passed over in silence."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase
from ipt_evidence.evidence.view import VIEW_WORDS, parameters, read_view

PATIENCE = 60


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_resource.clear()


def run(page: str, **query: str | list[str]) -> AppTest:
    script = (
        "import streamlit as st\n"
        "from ipt_evidence.dashboard import main\n"
        "from ipt_evidence.dashboard.components import address\n"
        f"from ipt_evidence.dashboard.views import {page}\n"
        f"address.start('{page}')\n"
        f"{page}.render()\n"
        "main._say_what_was_ignored()\n"
    )
    app = AppTest.from_string(script, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def notices(app: AppTest) -> list[str]:
    return [str(i.value).replace("\\", "") for i in app.info if "The link asks for" in str(i.value)]


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ({"condition": "nonsense"}, "Condition"),
        ({"comparison": "nonsense"}, "IPT compared with"),
        ({"rho": "nonsense"}, "Correlation between several outcomes of one trial (ρ)"),
        ({"age": ["adults", "nonsense"]}, "Age group"),
    ],
)
def test_an_unknown_value_is_named_with_its_choice(
    query: dict[str, str | list[str]], label: str
) -> None:
    app = run("condition", **query)
    assert not app.exception
    assert notices(app) == [
        f"The link asks for “nonsense” under “{label}”. There is no such choice here, so the "
        "page shows its usual one."
    ]


def test_known_values_and_no_values_need_no_notice() -> None:
    assert notices(run("condition", condition="anxiety", rho="0.5", age="adults")) == []
    assert notices(run("condition")) == []


def test_the_notice_stays_until_another_choice_is_made() -> None:
    app = run("condition", condition="nonsense")
    assert len(notices(app.run())) == 1
    app.selectbox(key="condition").set_value("anxiety").run()
    assert notices(app) == []


def test_hostile_values_are_only_text_and_cut_short() -> None:
    app = run("condition", condition="<script>alert(1)</script>" + "x" * 500)
    notice = next(str(i.value) for i in app.info if "The link asks" in str(i.value))
    assert "\\<script" in notice
    assert len(notice) < 300


def test_choices_of_another_page_are_left_behind() -> None:
    script = (
        "import streamlit as st\n"
        "from ipt_evidence.dashboard.components import address\n"
        "page = st.session_state.get('page', 'one')\n"
        "address.start(page)\n"
        "if page == 'one':\n"
        "    address.several_of(st.multiselect, 'Kind', ['a', 'b'], key='kind')\n"
        "else:\n"
        "    kind = address.one_of(st.selectbox, 'Kind', ['x', 'y'], key='kind', default='x')\n"
        "    st.write(kind)\n"
    )
    app = AppTest.from_string(script, default_timeout=PATIENCE)
    app.query_params["kind"] = "a"
    app.run()
    assert app.multiselect[0].value == ["a"]
    assert app.query_params["kind"] in ("a", ["a"])
    app.session_state["page"] = "two"
    del app.query_params["kind"]
    app.run()
    assert not app.exception
    assert app.markdown[0].value == "x"


def test_a_choice_that_is_not_drawn_keeps_its_value() -> None:
    script = (
        "import streamlit as st\n"
        "from ipt_evidence.dashboard.components import address\n"
        "widget = st.multiselect if st.session_state.get('drawn', True) else address.unseen\n"
        "st.write(','.join(address.several_of(widget, 'Kind', ['a', 'b'], key='kind')))\n"
        "address.finish()\n"
    )
    app = AppTest.from_string(script, default_timeout=PATIENCE).run()
    app.multiselect(key="kind").set_value(["b"]).run()
    app.session_state["drawn"] = False
    for _ in range(3):
        app.run()
        assert not app.multiselect
        assert app.markdown[0].value == "b"
    app.session_state["drawn"] = True
    assert app.run().multiselect(key="kind").value == ["b"]


def test_a_choice_that_nobody_made_and_nobody_sees_costs_no_state() -> None:
    script = (
        "import streamlit as st\n"
        "from ipt_evidence.dashboard.components import address\n"
        "address.start('one')\n"
        "unseen = address.unseen\n"
        "st.button('b', on_click=address.put, args=('kind', ['b']))\n"
        "st.code(repr(address.several_of(unseen, 'Kind', ['a', 'b'], key='kind')))\n"
        "st.code(address.one_of(unseen, 'One', ['x', 'y'], key='one', default='x'))\n"
        "st.code(address.switch('On', key='on', widget=unseen))\n"
        "st.code(address.number('N', 0.0, 1.0, key='n', default=0.5, step=0.1, widget=unseen))\n"
        "address.finish()\n"
    )
    keys = ("kind", "one", "on", "n")
    app = AppTest.from_string(script, default_timeout=PATIENCE).run()
    assert [one.value for one in app.code] == ["()", "x", "False", "0.5"]
    assert not [key for key in keys if key in app.session_state]
    app.query_params["one"] = "y"
    app.button[0].click().run()
    assert [one.value for one in app.code] == ["('b',)", "y", "False", "0.5"]
    assert app.query_params["kind"] in ("b", ["b"])
    assert [key for key in keys if key in app.session_state] == ["kind", "one"]


def test_an_address_from_before_a_choice_does_not_take_it_back() -> None:
    script = (
        "import streamlit as st\n"
        "from ipt_evidence.dashboard.components import address\n"
        "address.start('page')\n"
        "kind = address.one_of(st.selectbox, 'Kind', ['x', 'y'], key='kind', default='x')\n"
        "order = address.one_of(st.selectbox, 'Order', ['1', '2'], key='order', default='1')\n"
        "st.write(kind + order)\n"
        "address.finish()\n"
    )
    app = AppTest.from_string(script, default_timeout=PATIENCE).run()
    app.selectbox(key="kind").set_value("y").run()
    assert app.query_params["kind"] in ("y", ["y"])
    # A second choice, sent before the browser has heard of the address after the first.
    del app.query_params["kind"]
    app.selectbox(key="order").set_value("2").run()
    assert app.markdown[0].value == "y2"
    assert app.query_params["kind"] in ("y", ["y"])
    # Without a choice, the same address is the reader going back.
    del app.query_params["kind"]
    assert app.run().markdown[0].value == "x2"


def test_back_counts_also_while_the_run_after_a_choice_is_under_way() -> None:
    script = (
        "import streamlit as st\n"
        "from streamlit.runtime.scriptrunner import get_script_run_ctx\n"
        "from ipt_evidence.dashboard.components import address\n"
        "moment = st.session_state.get('moment')\n"
        "get_script_run_ctx().is_history_navigation = moment == 'back'\n"
        "address.start('page')\n"
        "kind = address.one_of(st.selectbox, 'Kind', ['x', 'y'], key='kind', default='x')\n"
        "st.write(kind)\n"
        "if moment == 'cut short':\n"
        "    st.stop()\n"
        "address.finish()\n"
    )
    app = AppTest.from_string(script, default_timeout=PATIENCE).run()
    app.session_state["moment"] = "cut short"
    app.selectbox(key="kind").set_value("y").run()
    assert app.query_params["kind"] in ("y", ["y"])
    app.session_state["moment"] = "back"
    del app.query_params["kind"]
    assert app.run().markdown[0].value == "x"
    assert "kind" not in app.query_params


FILTERED = (
    "condition=depression&comparison=control&source=metapsy-depression-psyctr"
    "&against=care_as_usual&against=waitlist&age=adults&format=group&format=individual"
    "&variant=ipt&rob=low&outcome=depression&rater=self_report&time=follow_up"
    "&period=2010s&income=high&without=se_for_sd"
    "&omit=adolescent_depression&double=1&printed=1&doubtful=1&method=PM&test=z&dependence=che&rho=0.5&outliers=1"
)
EXCLUDED = "condition=postpartum&comparison=control&excluded=lenze2017"


@pytest.mark.parametrize("query", [FILTERED, EXCLUDED])
def test_the_page_reads_an_address_as_the_command_line_and_the_api_do(
    base: EvidenceBase, query: str
) -> None:
    words = parse_qs(query)
    app = AppTest.from_string(
        "import streamlit as st\n"
        "from ipt_evidence.dashboard import session\n"
        "from ipt_evidence.dashboard.components import controls\n"
        "from ipt_evidence.evidence.view import View\n"
        "taxonomy = session.evidence().taxonomy\n"
        "condition = controls.choose_condition(taxonomy)\n"
        "comparison = controls.choose_comparison(taxonomy, condition)\n"
        "question = controls.choose_trials(condition, comparison)\n"
        "st.session_state['view'] = View(question, controls.choose_model())\n"
    )
    for word, values in words.items():
        app.query_params[word] = values
    app.run()
    assert not app.exception
    view, ignored = read_view(words, base)
    assert ignored == ()
    assert set(parameters(view)) == set(words)  # no word stands at its default
    assert app.session_state["view"] == view


def test_every_word_of_a_view_is_tried_on_the_page() -> None:
    assert set(parse_qs(FILTERED)) | set(parse_qs(EXCLUDED)) == set(VIEW_WORDS)
