"""What each single trial does to the pooled effect."""
