"""The IPT evidence explorer: ``streamlit run app.py``, or ``make run``.

The pages, and beside them the REST interface under /api/v1.
"""

import streamlit as st

from ipt_evidence.api import routes

app = st.App("ipt_evidence/dashboard/script.py", routes=routes())
