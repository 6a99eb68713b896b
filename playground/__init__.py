"""The engine: trains, records, lays out and writes files. It knows nothing of windows."""

__version__ = "0.1.0"
