"""Small widgets that several panels use; each knows Qt and the theme, and nothing of training."""
