"""Lets every kernel of a container run one cell, the first argument; says how many there are once all are at it."""

import sys
import time
from pathlib import Path

from jupyter_client import BlockingKernelClient
from jupyter_core.paths import jupyter_runtime_dir



def wait_for(client):
    """A kernel whose heart does not beat yet has not died, as the client thinks, but is about to start."""
    end = time.monotonic() + 60
    while True:
        try:
            return client.wait_for_ready(60)
        except RuntimeError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


files = list(Path(jupyter_runtime_dir()).glob("kernel-*.json"))
for file in files:
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    wait_for(client)
    asked = client.execute(sys.argv[1])
    while True:
        message = client.get_iopub_msg(60)
        if message["parent_header"].get("msg_id") == asked and message["msg_type"] == "execute_input":
            break
print(len(files))
