"""What nobody has answered yet, as research questions."""
