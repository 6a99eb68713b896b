"""One file a panel. Panels know the engine's plain data and the theme, never each other."""
