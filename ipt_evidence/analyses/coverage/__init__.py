"""What the studies have in common: when, where, in whom and how IPT was studied."""
