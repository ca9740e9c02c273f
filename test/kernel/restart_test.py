"""Jupyter's stop button ends a cell that spins after an await; its restart works afterwards."""

import queue

from jupyter_client import KernelManager

PATIENCE = 60


def wait_for(client, request, matches, patience=PATIENCE):
    """The first message published for `request` that matches."""
    while True:
        message = client.get_iopub_msg(timeout=patience)
        if message["parent_header"].get("msg_id") == request and matches(message):
            return message["content"]


manager = KernelManager(kernel_name="spdzlab")
manager.start_kernel()
client = manager.client()
client.start_channels()
try:
    client.wait_for_ready(timeout=PATIENCE)
    spin = client.execute("console.log('on'); await new Promise((r) => setTimeout(r, 100)); for (;;);")
    wait_for(client, spin, lambda message: message["msg_type"] == "stream")
    # By then the loop has begun: the kernel answers nothing.
    try:
        while True:
            client.get_iopub_msg(timeout=2)
    except queue.Empty:
        pass
    manager.interrupt_kernel()
    error = wait_for(client, spin, lambda message: message["msg_type"] == "error")
    print("stopped:", error["ename"])
    manager.restart_kernel(now=False)
    client.wait_for_ready(timeout=PATIENCE)
    after = client.execute("6 * 7")
    shown = wait_for(client, after, lambda message: message["msg_type"] == "execute_result")
    print("after the restart:", shown["data"]["text/plain"])
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
