"""The Streamlit dashboard: pages, components, and the only code that knows Streamlit.

Pages ask the evidence layer, hand the answer to presentation functions, and place the result.
They hold no arithmetic.
"""
