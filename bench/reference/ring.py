"""The ring's work in NumPy, uint64: reads lines "name repetitions" and answers each with the milliseconds of the best."""

import sys
import time

import numpy as np

rng = np.random.default_rng(1)


def words(*shape):
    return rng.integers(0, 2**64, shape, dtype=np.uint64, endpoint=False)


a, b, out = words(1 << 20), words(1 << 20), words(1 << 20)
values = rng.standard_normal(1 << 20) * 100
image = a.reshape(1024, 1024)
other = b.reshape(1024, 1024)
square = [words(512, 512) for _ in range(2)]
row, weights = words(1, 784), words(784, 128)

WORK = {
    "matmul64-512": lambda: square[0] @ square[1],
    "thin64": lambda: row @ weights,
    "add64": lambda: a + b,
    "mul64": lambda: a * b,
    "add64-out": lambda: np.add(a, b, out=out),
    "mul64-out": lambda: np.multiply(a, b, out=out),
    "encode64": lambda: np.rint(values * 65536).astype(np.int64),
    "decode64": lambda: a.view(np.int64) / 65536,
    # A slice and a transpose are views in NumPy, so make what we make: a tensor of its own.
    "slice": lambda: image[8:1000:2, 16:1008].copy(),
    "slice-reverse": lambda: image[:, ::-1].copy(),
    "transpose": lambda: image.T.copy(),
    "concat-0": lambda: np.concatenate([image, other], axis=0),
    "concat-1": lambda: np.concatenate([image, other], axis=1),
    "sum-0": lambda: image.sum(axis=0),
    "sum-1": lambda: image.sum(axis=1),
}

for line in sys.stdin:
    name, repetitions = line.split()
    times = []
    for _ in range(int(repetitions)):
        start = time.perf_counter()
        WORK[name]()
        times.append((time.perf_counter() - start) * 1e3)
    print(min(times), flush=True)
