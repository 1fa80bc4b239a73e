"""Finding, describing and comparing studies."""
