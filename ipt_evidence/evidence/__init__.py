"""The hall where bibliographies and statistics meet: an evidence base, and questions to it."""
