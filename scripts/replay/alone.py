"""Execute one party's notebook while the other party runs elsewhere. Print a line for each cell. Exit with code 1 if a
value is not as expected.

SPDZ_MODE is the mode of the demo. The other party must use the same mode.
"""

import asyncio
import os
import sys
from pathlib import Path

from modes import MODES, set_mode
from notebook import Notebook, is_secret, result_text
from party import Party, PartyFailed


# The other party may start ten minutes later, and its cells take time too.
PATIENCE = 900


class Lines:
    """Print one line for each event, without the words of shares."""

    def starting(self, party):
        print(f"{party.role}: starting", flush=True)

    def running(self, party):
        print(f"{party.role}: {party.where()}", flush=True)

    def executed(self, party, good):
        found = None if is_secret(party.cell) else result_text(party.cell)
        if found is not None:
            print(f"{party.role}: {' '.join(found.split())}{'' if good else '  ✗'}", flush=True)

    def finished(self, party):
        print(f"{party.role}: all cells ran", flush=True)


async def main(path):
    mode = os.environ.get("SPDZ_MODE") or "malicious"
    if mode not in MODES:
        return f"SPDZ_MODE must be one of {', '.join(MODES)}, got {mode}."
    notebook = Notebook(path)
    set_mode(notebook, mode)
    role = path.stem.replace("-", " ")
    party = Party(None, role, notebook, Lines(), PATIENCE, {})
    try:
        await party.execute()
    except PartyFailed as failure:
        return str(failure)
    finally:
        await party.end()
    return "\n".join(f"The {role}'s {difference}" for difference in notebook.differences()) or None


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
