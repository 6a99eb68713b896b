"""What leaves the playground and comes back: exports, replay pages, shared set-ups, sessions."""
