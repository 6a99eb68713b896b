"""What connects each panel with state and session, both directions in one file: a panel knows neither."""
