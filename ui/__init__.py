"""The desktop program: shows what the engine did, and tells it what to do next."""

import os

# Looking for plugins of pydantic takes as long as a quarter of the rest of it; this program has none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
# Other bindings of Qt may be installed, too; pyqtgraph must take the same one.
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"

# Loaded before Qt: PySide6 reads the source of every module that is imported after it, and these are many.
import numpy  # noqa: F401
import pydantic  # noqa: F401
