"""JupyterLab in a container: it opens the party's notebook, on its only port. JUPYTER_TOKEN sets the token.

LAB_HOST is the only address, or its name, at which JupyterLab listens. If the other party's containers share a network
with this one, it must be an address outside that network.
"""

import os
import socket

page = f"/lab/tree/{os.environ['PARTY']}.ipynb"

c = get_config()  # noqa: F821 (Jupyter's own)
c.Application.log_level = "ERROR"
# If the name does not resolve, the container ends: it must not listen on all addresses instead.
c.ServerApp.ip = socket.gethostbyname(os.environ.get("LAB_HOST") or "0.0.0.0")
c.ServerApp.port = int(os.environ["PORT"])
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.root_dir = "/notebooks"
c.ServerApp.default_url = page
# Accept these host names only, so that a web page elsewhere cannot reach JupyterLab under its own name.
c.ServerApp.allow_remote_access = os.environ.get("ALLOW_REMOTE") == "1"
c.ServerApp.local_hostnames = ["localhost", "127.0.0.1"]
c.KernelSpecManager.ensure_native_kernel = False
