"""Runs cells in one spdzlab kernel inside a container: one JSON string of code a line in, one JSON answer a line out."""

import json
import sys

from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="spdzlab", startup_timeout=120)


def run(code):
    text = []

    def output(message):
        content = message["content"]
        text.append(content.get("text") or content.get("data", {}).get("text/plain") or "")

    reply = client.execute_interactive(code, timeout=600, output_hook=output, allow_stdin=False)["content"]
    if reply["status"] == "error":
        return {"error": f"{reply['ename']}: {reply['evalue']}"}
    return {"text": "\n".join(text)}


print(json.dumps({"text": "ready"}), flush=True)
for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
manager.shutdown_kernel(now=True)
