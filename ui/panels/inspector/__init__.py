"""ui/panels/inspector."""
