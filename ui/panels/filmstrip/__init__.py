"""ui/panels/filmstrip."""
