"""A server for script.py."""

from pathlib import Path

import streamlit as st

app = st.App(Path(__file__).with_name("script.py"))
