"""The trials of an estimate, one row each, with the pooled effect below."""
