"""The statements of the article against the references that they cite."""
