"""ui/panels/toolbar."""
