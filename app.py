"""The IPT evidence explorer: ``make run``, ``uvicorn app:app`` or ``streamlit run app.py``.

The pages, and beside them the REST interface under /api/v1, /healthz and /metrics.
"""

import streamlit as st
from starlette.middleware import Middleware

from ipt_evidence.api import routes
from ipt_evidence.dashboard import monitoring
from ipt_evidence.dashboard.head import PageHead
from ipt_evidence.dashboard.monitoring import Monitor
from ipt_evidence.dashboard.serving import SCRIPT, SafetyHeaders, prepared

app = st.App(
    SCRIPT,
    routes=[*routes(), *monitoring.routes()],
    middleware=[Middleware(Monitor), Middleware(SafetyHeaders), Middleware(PageHead)],
    lifespan=prepared,
)
