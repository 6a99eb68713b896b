"""The desktop program: shows what the engine did, and tells it what to do next."""
