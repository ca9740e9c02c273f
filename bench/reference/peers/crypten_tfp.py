"""CrypTen between two processes. Its default provider of randomness is the first party, which then knows all of it."""

import os
import sys
import types

# CrypTen imports this module of older PyTorch for ONNX, which is not measured here.
registration = types.ModuleType("torch.onnx._internal.registration")
registration.registry = None
sys.modules["torch.onnx._internal.registration"] = registration

import crypten  # noqa: E402
import torch  # noqa: E402


def start(rank, ports):
    os.environ.update(
        RANK=str(rank),
        WORLD_SIZE="2",
        RENDEZVOUS=f"tcp://127.0.0.1:{ports[0]}",
        DISTRIBUTED_BACKEND="gloo",
    )
    torch.set_num_threads(1)
    crypten.init()


def epoch(rows, labels, weights):
    for start in range(0, rows.size(0), 64):
        x, y = rows[start : start + 64], labels[start : start + 64]
        step = x.t().matmul(x.matmul(weights).sigmoid() - y)
        weights = weights - step * (0.5 / x.size(0))
    return weights


FUNCTIONS = {
    "products": lambda x, y: x * y,
    "compare": lambda x, y: x.lt(y),
    "relu": lambda x: x.relu(),
    "sigmoid": lambda x: x.sigmoid(),
    "exp": lambda x: x.exp(),
    "reciprocal": lambda x: x.reciprocal(),
    "sqrt": lambda x: x.sqrt(),
    "matmul-128": lambda x, y: x.matmul(y),
    "matmul-256": lambda x, y: x.matmul(y),
    "thin": lambda x, y: x.matmul(y),
    "dense-1": lambda x, w1, w2: x.matmul(w1).relu().matmul(w2),
    "dense-128": lambda x, w1, w2: x.matmul(w1).relu().matmul(w2),
    "logistic": epoch,
    "conv": lambda image, kernels: image.conv2d(kernels),
}


class Party:
    def __init__(self, function, operands):
        self.function, self.operands = function, operands

    def compute(self):
        return self.function(*self.operands)

    def open(self, result):
        return result.get_plain_text().numpy()


def prepare(rank, ports, peer, name, operands):
    secrets = [crypten.cryptensor(torch.tensor(x, dtype=torch.float64), src=0) for x in operands]
    return Party(FUNCTIONS[name], secrets)
