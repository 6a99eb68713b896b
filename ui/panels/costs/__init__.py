"""ui/panels/costs."""
