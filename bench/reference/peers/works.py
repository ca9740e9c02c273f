"""The work that every system does: its operands, and the same in the clear, from which the error is taken."""

from dataclasses import dataclass
from typing import Callable, Sequence

import numpy as np

MANY, SOME = 100_000, 10_000


@dataclass
class Work:
    operands: Sequence[np.ndarray]
    clear: Callable[..., np.ndarray]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def epoch(rows, labels, weights):
    """Logistic regression: one epoch in batches of 64, at rate 0.5; returns the weights."""
    for start in range(0, len(rows), 64):
        x, y = rows[start : start + 64], labels[start : start + 64]
        weights = weights - 0.5 / len(x) * (x.T @ (sigmoid(x @ weights) - y))
    return weights


def correlate(image, kernels):
    windows = np.lib.stride_tricks.sliding_window_view(image[0, 0], (5, 5))
    return np.einsum("ijkl,okl->oij", windows, kernels[:, 0])[None]


def works():
    rng = np.random.default_rng(7)

    def uniform(*shape, low=-1.0, high=1.0):
        # Exact at 16 fractional bits, so that no system is charged for rounding its input.
        return np.round(rng.uniform(low, high, shape) * 65536) / 65536

    x, w1, w2 = uniform(128, 784, low=0), uniform(784, 128) / 16, uniform(128, 10) / 4
    w1, w2 = np.round(w1 * 65536) / 65536, np.round(w2 * 65536) / 65536
    dense = lambda x, w1, w2: np.maximum(x @ w1, 0) @ w2
    rows, labels = uniform(569, 30), (uniform(569, 1) > 0).astype(float)
    pair = lambda count, bound: [uniform(count, low=-bound, high=bound) for _ in range(2)]
    return {
        "products": Work(pair(MANY, 8), lambda x, y: x * y),
        "compare": Work(pair(MANY, 1000), lambda x, y: (x < y).astype(float)),
        "relu": Work(pair(MANY, 1000)[:1], lambda x: np.maximum(x, 0)),
        "sigmoid": Work([uniform(SOME, low=-8, high=8)], sigmoid),
        "exp": Work([uniform(SOME, low=-2, high=2)], np.exp),
        "reciprocal": Work([uniform(SOME, low=0.25, high=8)], lambda x: 1 / x),
        "sqrt": Work([uniform(SOME, low=0.25, high=8)], np.sqrt),
        "matmul-128": Work([uniform(128, 128), uniform(128, 128)], lambda x, y: x @ y),
        "matmul-256": Work([uniform(256, 256), uniform(256, 256)], lambda x, y: x @ y),
        "thin": Work([uniform(1, 784), uniform(784, 128)], lambda x, y: x @ y),
        "dense-1": Work([x[:1], w1, w2], dense),
        "dense-128": Work([x, w1, w2], dense),
        "logistic": Work([rows, labels, np.zeros((30, 1))], epoch),
        "conv": Work([uniform(1, 1, 28, 28), uniform(8, 1, 5, 5)], correlate),
    }
