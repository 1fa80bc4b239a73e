"""A page with Streamlit's own download button, whose file is written when somebody asks."""

import time

import streamlit as st


def write() -> str:
    return f"{time.perf_counter_ns()}\n" * 1000


time.sleep(0.01)  # what a run of one of our pages costs
st.download_button("Save", write, file_name="one.csv", on_click="ignore", key="save")
