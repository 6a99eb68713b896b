"""ui/panels/ladder."""
