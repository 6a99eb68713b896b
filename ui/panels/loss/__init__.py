"""ui/panels/loss."""
