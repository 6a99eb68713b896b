"""ui/panels/graph."""
