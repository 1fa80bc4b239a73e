"""How the pooled effect moved as trials were added, year by year."""
