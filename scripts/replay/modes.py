"""The security modes of the demo. The notebooks stay the same; the interface gets the mode's options at execution."""

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
    "lattice": {"preprocessing": "lattice", "security": "semi-honest"},
    "dealer": {"preprocessing": "dealer"},
    "dealer-semi-honest": {"preprocessing": "dealer", "security": "semi-honest"},
    "insecure-first-party": {"preprocessing": "insecureFirstPartyDealer"},
}


class DealerFailed(Exception):
    """The dealer did not start."""


def set_mode(notebook, mode):
    """Give the mode's options to the notebook's interface, without changing the file."""
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
        raise ValueError(f"a mode needs a notebook with exactly one interface, got {changed} in {notebook.path.name}")


@asynccontextmanager
async def dealer_for(mode, address):
    """Run the mode's dealer, if it has one, while the block runs. Yield the environment for the parties."""
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
        # Read the dealer's output, so that the dealer never blocks on a full pipe.
        reading = asyncio.create_task(process.stdout.read())
        yield {"SPDZ_DEALER": address}
        reading.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        shutil.rmtree(home, ignore_errors=True)
