"""ui/panels/replay."""
