"""Lets every kernel of a container run one cell, the first argument; says how many there are once all are at it."""

import sys
from pathlib import Path

from jupyter_client import BlockingKernelClient
from jupyter_core.paths import jupyter_runtime_dir

files = list(Path(jupyter_runtime_dir()).glob("kernel-*.json"))
for file in files:
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(60)
    asked = client.execute(sys.argv[1])
    while True:
        message = client.get_iopub_msg(60)
        if message["parent_header"].get("msg_id") == asked and message["msg_type"] == "execute_input":
            break
print(len(files))
