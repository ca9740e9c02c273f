"""Executes one party's notebook, the other party being elsewhere: a line a cell; exits 1 unless every value is as expected.

SPDZ_MODE names one of the modes of the demo, which the other party must take too.
"""

import asyncio
import os
import sys
from pathlib import Path

from modes import MODES, set_mode
from notebook import Notebook, is_secret, result_text
from party import Party, PartyFailed


# The other party may come ten minutes later, and its cells take their time too.
PATIENCE = 900


class Lines:
    """Prints what happens, a line each, without the words of shares."""

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
        return f"SPDZ_MODE is {mode}, which is none of {', '.join(MODES)}."
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
