"""Two processes of one system: party 0 reads lines "work repetitions" and answers each with a line of JSON."""

import json
import multiprocessing
import socket
import statistics
import sys
import time
import traceback

import numpy as np

from works import works


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def run(system, rank, ports, pipe, name, repetitions):
    """Run a work once to warm up, then as often as asked. Returns the median time and the largest error."""
    work = works()[name]
    party = system.prepare(rank, ports, pipe, name, work.operands)
    times = []
    for _ in range(repetitions + 1):
        start = time.perf_counter()
        result = party.compute()
        times.append(time.perf_counter() - start)
    opened = party.open(result)
    clear = work.clear(*work.operands)
    error = None if opened is None else float(np.abs(np.reshape(opened, clear.shape) - clear).max())
    return {"seconds": statistics.median(times[1:]), "error": error}


def party(system_name, rank, ports, pipe):
    system = __import__(system_name)
    system.start(rank, ports)
    while True:
        task = pipe.recv()
        if task is None:
            return
        try:
            pipe.send(run(system, rank, ports, pipe.peer, *task))
        except Exception:
            pipe.send({"failed": traceback.format_exc(limit=-2)})


class Pipe:
    """To the process that reads the tasks, and to the other party."""

    def __init__(self, tasks, peer):
        self.peer = peer
        self.recv, self.send = tasks.recv, tasks.send


def start_party(system_name, rank, ports, tasks, peer):
    party(system_name, rank, ports, Pipe(tasks, peer))


def main(system_name):
    context = multiprocessing.get_context("spawn")
    ports = free_ports(2)
    ours, theirs = zip(*[context.Pipe() for _ in range(2)])
    peers = context.Pipe()
    for rank in range(2):
        arguments = (system_name, rank, ports, theirs[rank], peers[rank])
        context.Process(target=start_party, args=arguments, daemon=True).start()
    for line in sys.stdin:
        name, repetitions = line.split()
        for pipe in ours:
            pipe.send((name, int(repetitions)))
        answers = [pipe.recv() for pipe in ours]
        failed = next((answer for answer in answers if "failed" in answer), None)
        print(json.dumps(failed or answers[0]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
