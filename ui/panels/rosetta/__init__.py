"""ui/panels/rosetta."""
