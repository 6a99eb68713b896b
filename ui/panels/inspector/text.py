"""One line on each common operation. An operation that is not here gets no line rather than a guess."""

from __future__ import annotations

import re

BACKWARD = {
    "AccumulateGrad": "Adds the gradient that arrives to .grad of this parameter.",
    "AddBackward0": "Backward of a sum: hands the gradient on to both summands.",
    "AddmmBackward0": "Backward of bias + input @ weight: what a Linear layer computes.",
    "CloneBackward0": "Backward of a copy: hands the gradient on.",
    "DivBackward0": "Backward of a quotient.",
    "ExpBackward0": "Backward of the exponential function.",
    "MeanBackward0": "Backward of a mean: spreads the gradient evenly.",
    "MmBackward0": "Backward of a matrix product: each factor's gradient is a product with the other factor.",
    "MseLossBackward0": "Backward of the squared error between prediction and target.",
    "MulBackward0": "Backward of a product, element by element.",
    "NegBackward0": "Backward of a change of sign.",
    "ReluBackward0": "Backward of ReLU: lets the gradient through where the result was above 0.",
    "ClampBackward": "Backward of clamp: lets the gradient through where the input was inside the limits.",
    "ClampMinBackward": "Backward of clamp(min=…): lets the gradient through where the input was above it.",
    "PowBackward": "Backward of a power: multiplies by the exponent and the next lower power.",
    "SigmoidBackward0": "Backward of the sigmoid function.",
    "SubBackward0": "Backward of a difference: the second operand's gradient changes its sign.",
    "SumBackward": "Backward of a sum over elements: every element gets the same gradient.",
    "TBackward0": "Backward of a transpose: transposes the gradient.",
    "TanhBackward0": "Backward of tanh.",
    "ViewBackward0": "Backward of a view: the gradient in the old shape.",
    "MyReLUBackward": "Calls the backward() that this stage defines.",
}

FORWARD = {
    "MyReLU": "Calls the forward() that this stage defines.",
    "dot": "Matrix product.",
    "mm": "Matrix product.",
    "maximum": "The larger of two values, element by element.",
    "clamp": "Limits every element.",
    "square": "Every element times itself.",
    "pow": "Every element to a power.",
    "sum": "Sum of all elements.",
    "subtract": "Difference, element by element.",
    "sub": "Difference, element by element.",
    "sub_": "Subtracts in place: the tensor itself changes.",
    "multiply": "Product, element by element.",
    "mul": "Product, element by element.",
    "transpose": "Rows become columns; no data is copied.",
    "t": "Rows become columns; no data is copied.",
    "copy": "A copy with memory of its own.",
    "clone": "A copy with memory of its own.",
    "less": "True where the first is smaller.",
    "lt": "True where the first is smaller.",
    "setitem": "Writes into chosen elements, in place.",
}


def explanation(op: str) -> str:
    """A line on the operation of that name, "" for one that is not known here."""
    return BACKWARD.get(op) or FORWARD.get(op) or BACKWARD.get(re.sub(r"\d+$", "", op), "")
