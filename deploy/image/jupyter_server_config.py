"""JupyterLab in a container: its own notebook at once, on its one port. The token comes by JUPYTER_TOKEN.

LAB_HOST is the one address, or a name of it, at which JupyterLab listens. Where the other party's containers share a
network with this one, it must be an address that is not on that network.
"""

import os
import socket

page = f"/lab/tree/{os.environ['PARTY']}.ipynb"

c = get_config()  # noqa: F821 (Jupyter's own)
c.Application.log_level = "ERROR"
# A name that does not resolve ends the container: it must not listen everywhere instead.
c.ServerApp.ip = socket.gethostbyname(os.environ.get("LAB_HOST") or "0.0.0.0")
c.ServerApp.port = int(os.environ["PORT"])
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.root_dir = "/notebooks"
c.ServerApp.default_url = page
# Reached by these names only, so that no web page elsewhere can pose as one of ours by a name of its own.
c.ServerApp.allow_remote_access = os.environ.get("ALLOW_REMOTE") == "1"
c.ServerApp.local_hostnames = ["localhost", "127.0.0.1"]
c.KernelSpecManager.ensure_native_kernel = False
