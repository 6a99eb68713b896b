"""ui/panels/events."""
