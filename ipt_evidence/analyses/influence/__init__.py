"""What each trial does to the pooled effect: influence, leave-one-out, cumulation."""
