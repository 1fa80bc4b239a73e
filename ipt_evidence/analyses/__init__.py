"""What can be asked of an estimate or of the base: one folder or module an analysis."""
