"""ui/panels/devices."""
