"""ui/panels/notices."""
