"""The IPT evidence explorer: ``make run``, ``uvicorn app:app`` or ``streamlit run app.py``.

The pages, and beside them the REST interface under /api/v1.
"""

import streamlit as st
from starlette.middleware import Middleware

from ipt_evidence.api import routes
from ipt_evidence.dashboard.head import PageHead
from ipt_evidence.dashboard.serving import SCRIPT, SafetyHeaders, prepared

app = st.App(
    SCRIPT,
    routes=routes(),
    middleware=[Middleware(SafetyHeaders), Middleware(PageHead)],
    lifespan=prepared,
)
