"""A program's text, and the driver that runs it one step at a time."""
