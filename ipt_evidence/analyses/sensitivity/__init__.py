"""The same question answered in other defensible ways."""
