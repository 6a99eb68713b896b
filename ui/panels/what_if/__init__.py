"""The banner over the graph while a step is compared with what it would have been."""

from ui.panels.what_if.panel import WhatIfBanner

__all__ = ["WhatIfBanner"]
