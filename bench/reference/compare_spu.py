"""SPU between two processes over loopback: reads lines "name repetitions" and answers each with the milliseconds of the
best, and how many results were wrong by more than a unit in the last place of 18 fractional bits. Names: cheetah-less,
cheetah-relu, dealer-less, dealer-relu (the dealer is SPU's own: its first party knows all randomness)."""

import multiprocessing
import socket
import sys
import time

import jax.numpy as jnp
import numpy as np
import spu
from spu.libspu import link
from spu.utils import frontend

COUNT = 100_000
rng = np.random.default_rng(1)
INTEGERS = rng.integers(-(2**40), 2**40, COUNT)
REALS = rng.uniform(-4096, 4096, COUNT).astype(np.float32)
WORK = {
    "less": (lambda x: x < 0, INTEGERS, lambda x: x < 0),
    "relu": (lambda x: jnp.maximum(x, 0), REALS, lambda x: np.maximum(x, 0)),
}
PROTOCOLS = {"cheetah": spu.ProtocolKind.CHEETAH, "dealer": spu.ProtocolKind.SEMI2K}


def config_of(protocol):
    return spu.RuntimeConfig(protocol=PROTOCOLS[protocol], field=spu.FieldType.FM64)


def executable_of(work):
    function, values, _ = WORK[work]
    names, secret = ["x"], [spu.Visibility.VIS_SECRET]
    return frontend.compile(
        frontend.Kind.JAX, function, (values,), {}, names, secret, lambda flat: ["y"], copts=spu.CompilerOptions()
    )[0]


def party(rank, addresses, jobs, answers):
    runtimes = {}
    for name, share, repetitions in iter(jobs.get, None):
        protocol, work = name.split("-")
        if protocol not in runtimes:
            desc = link.Desc()
            for i, address in enumerate(addresses[protocol]):
                desc.add_party(f"id{i}", address)
            runtimes[protocol] = spu.Runtime(link.create_brpc(desc, rank), config_of(protocol))
        runtime, executable = runtimes[protocol], executable_of(work)
        times = []
        for _ in range(repetitions + 1):
            runtime.set_var("x", share)
            start = time.perf_counter()
            runtime.run(executable)
            times.append((time.perf_counter() - start) * 1e3)
        # The first run opens connections.
        answers.put((rank, min(times[1:]), runtime.get_var("y")))


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    addresses = {protocol: [free_address(), free_address()] for protocol in PROTOCOLS}
    jobs, answers = [context.Queue(), context.Queue()], context.Queue()
    parties = [context.Process(target=party, args=(i, addresses, jobs[i], answers), daemon=True) for i in (0, 1)]
    for process in parties:
        process.start()
    for line in sys.stdin:
        name, repetitions = line.split()
        protocol, work = name.split("-")
        _, values, expected = WORK[work]
        io = spu.Io(2, config_of(protocol))
        for queue, share in zip(jobs, io.make_shares(values, spu.Visibility.VIS_SECRET)):
            queue.put((name, share, int(repetitions)))
        found = sorted([answers.get(), answers.get()], key=lambda answer: answer[0])
        result = io.reconstruct([share for _, _, share in found])
        wrong = np.sum(np.abs(result.astype(float) - expected(values)) > 2**-18)
        print(max(time for _, time, _ in found), wrong, flush=True)
    for queue in jobs:
        queue.put(None)
