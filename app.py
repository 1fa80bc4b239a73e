"""The IPT evidence explorer: ``make run``, ``uvicorn app:app`` or ``streamlit run app.py``.

The pages, and beside them the REST interface under /api/v1.
"""

import streamlit as st

from ipt_evidence.api import routes
from ipt_evidence.dashboard.serving import SCRIPT, prepared

app = st.App(SCRIPT, routes=routes(), lifespan=prepared)
