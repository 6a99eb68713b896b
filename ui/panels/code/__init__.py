"""ui/panels/code."""
