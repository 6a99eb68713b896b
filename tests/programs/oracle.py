"""Runs scripts as `python FILE` does, and answers with what each called backward() on.

Reads a list of files as JSON from standard input, and writes an object: losses and the exception's name by
file. Each runs in a process of its own, forked off before anything was computed.
"""

from __future__ import annotations

import builtins
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import torch
import torch._dynamo  # which the first optimizer of each would load anew


def losses_of(path: str) -> tuple[list[float], str]:
    losses: list[float] = []
    method, function = torch.Tensor.backward, torch.autograd.backward
    inside = [0]

    def around(outputs: Any, call: Any, args: Any, kwargs: Any) -> Any:
        if not inside[0]:
            first = outputs if isinstance(outputs, torch.Tensor) else outputs[0]
            losses.append(float(first.detach().sum()))
        inside[0] += 1
        try:
            return call(*args, **kwargs)
        finally:
            inside[0] -= 1

    torch.Tensor.backward = lambda self, *a, **k: around(self, method, (self, *a), k)  # type: ignore
    torch.autograd.backward = lambda tensors, *a, **k: around(tensors, function, (tensors, *a), k)
    sys.argv = [path]
    sys.path[0] = str(Path(path).parent)
    os.chdir(sys.path[0])
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit:
        pass
    except Exception as error:
        return losses, type(error).__name__
    return losses, ""


def in_a_fork(path: str) -> tuple[list[float], str]:
    reading, writing = os.pipe()
    if os.fork() == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        with os.fdopen(writing, "w") as answer:
            json.dump(losses_of(path), answer)
            answer.flush()
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        found: tuple[list[float], str] = json.loads(answer.read())
    return found


if __name__ == "__main__":
    builtins.print(json.dumps({path: in_a_fork(path) for path in json.load(sys.stdin)}))
