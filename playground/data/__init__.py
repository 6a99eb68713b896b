"""Where x and y come from besides the stage itself: sets made from a seed, and files."""
