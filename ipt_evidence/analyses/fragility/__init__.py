"""How easily a conclusion would change."""
