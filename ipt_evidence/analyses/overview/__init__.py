"""The first page: the gap map in words and small figures."""
