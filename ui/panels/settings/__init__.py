"""ui/panels/settings."""
