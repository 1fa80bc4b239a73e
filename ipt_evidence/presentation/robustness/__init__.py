"""The words, tables and rows of the Robustness page, one module a panel."""
