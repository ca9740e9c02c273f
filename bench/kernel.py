"""Measures kernels side by side: python kernel.py STARTS NAME... (kernelspecs that this Python finds).

For each kernel, over so many starts, medians of: time to the first kernel_info reply, time to the first result, the median of
twenty cells, completion, and resident memory. Processor time is given too, which a busy machine does not change.
"""

import json
import statistics
import sys
import time

import psutil
from jupyter_client.manager import KernelManager

CELLS = 20
FIRST = "const first = 1 + 1; console.log(first)"


def wait_idle(client, message_id):
    """Waits for the end of a request, and returns the text that was printed."""
    text = ""
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != message_id:
            continue
        if message["msg_type"] == "stream":
            text += message["content"]["text"]
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return text


def run(client, code):
    began = time.perf_counter()
    message_id = client.execute(code)
    while client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != message_id:
        pass
    text = wait_idle(client, message_id)
    return time.perf_counter() - began, text


def measure(name, extra):
    manager = KernelManager(kernel_name=name)
    began = time.perf_counter()
    manager.start_kernel()
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        ready = time.perf_counter() - began
        _, text = run(client, FIRST)
        first = time.perf_counter() - began
        process = psutil.Process(manager.provisioner.process.pid)
        cpu = process.cpu_times()
        assert "2" in text, text
        cells = [run(client, f"const v{i} = {i} * 2; console.log(v{i})")[0] for i in range(CELLS)]
        began = time.perf_counter()
        message_id = client.complete("Math.sq", 7)
        while client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != message_id:
            pass
        complete = time.perf_counter() - began
        family = [process, *process.children(recursive=True)]
        memory = max(member.memory_info().rss for member in family) / 1e6
        result = {
            "ready_ms": ready * 1e3,
            "first_result_ms": first * 1e3,
            "cpu_to_first_result_ms": (cpu.user + cpu.system) * 1e3,
            "cell_ms": statistics.median(cells) * 1e3,
            "complete_ms": complete * 1e3,
            "rss_mb": memory,
        }
        for label, code in extra.items():
            result[label] = run(client, code)[0] * 1e3
        return result
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main():
    starts, *names = sys.argv[1:]
    runs = {name: [] for name in names}
    for _ in range(int(starts)):
        for name in names:
            extra = {"mathjs_import_ms": 'import { create, all } from "mathjs"; console.log(create(all).add(1, 2))'}
            runs[name].append(measure(name, extra if name == "spdzlab" else {}))
    medians = {
        name: {key: round(statistics.median(run[key] for run in of), 1) for key in of[0]} for name, of in runs.items()
    }
    print(json.dumps(medians, indent=2))


main()
