"""ui/panels/runs."""
