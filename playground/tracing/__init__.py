"""The trace of a step: the operations that really ran, written down as they ran.

`tape` holds what was recorded, `numpy_arrays` and `torch_functions` record, `tracer` switches them
on around the two halves of a step, and `graph` draws the conclusions. Torch is loaded only by a
stage that uses it.
"""

from playground.tracing.tracer import StepTracer

__all__ = ["StepTracer"]
