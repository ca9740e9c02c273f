"""The security modes of the demo: the same notebooks, with options given to the interface when they are executed."""

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = ROOT / "dist" / "cli" / "main.js"

MODES = {
    "malicious": {},
    "semi-honest": {"security": "semi-honest"},
    "dealer": {"preprocessing": "dealer"},
    "dealer-semi-honest": {"preprocessing": "dealer", "security": "semi-honest"},
    "insecure-first-party": {"preprocessing": "insecureFirstPartyDealer"},
}


class DealerFailed(Exception):
    """The dealer did not start."""


def set_mode(notebook, mode):
    """Has the notebook's interface take the mode's options; the file stays as it is."""
    options = MODES[mode]
    if not options:
        return
    text = ", ".join(f'{name}: "{value}"' for name, value in options.items())
    changed = 0
    for cell in notebook.code_cells():
        for party in "01":
            before, after = f"new DistributedInterface({party})", f"new DistributedInterface({party}, {{ {text} }})"
            changed += cell.source.count(before)
            cell.source = cell.source.replace(before, after)
    if changed != 1:
        raise ValueError(f"{notebook.path.name} makes {changed} interfaces, where a mode can be set for one")


@asynccontextmanager
async def dealer_for(mode, address):
    """The environment that the parties of a mode need, and the dealer where it has one, as long as the block runs."""
    if MODES[mode].get("preprocessing") != "dealer":
        yield {}
        return
    home = tempfile.mkdtemp(prefix="spdzlab-dealer-")
    process = await asyncio.create_subprocess_exec(
        "node", str(COMMAND), "dealer", "--bind", address,
        stdout=asyncio.subprocess.PIPE, stderr=sys.stderr, env={**os.environ, "SPDZ_CONFIG": home},
    )  # fmt: skip
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        if address.rsplit(":", 1)[1] not in line.decode():
            raise DealerFailed("The dealer did not start.")
        # What it says is read, so that it never waits for a reader.
        reading = asyncio.create_task(process.stdout.read())
        yield {"SPDZ_DEALER": address}
        reading.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        shutil.rmtree(home, ignore_errors=True)
