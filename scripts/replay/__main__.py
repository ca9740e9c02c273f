"""Execute the two notebooks at the same time, each in its own kernel, and show them side by side."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

# jsonschema, which nbformat loads, would spend seconds on a grammar of IRIs. Notebooks have none to check.
sys.modules["rfc3987_syntax"] = None

from modes import MODES, DealerFailed, dealer_for, set_mode
from notebook import Notebook
from pages import save_back, write_pages
from party import Party, PartyFailed
from screen import Screen

ROOT = Path(__file__).resolve().parent.parent.parent
ROLES = (("model owner", "model-owner"), ("data owner", "data-owner"))
CHEATING = (("honest party", "cheating-honest"), ("cheater", "cheating-cheater"))
HOSPITALS = (("northern hospital", "two-hospitals-north"), ("southern hospital", "two-hospitals-south"))
MILLIONAIRES = (("millionaire Alice", "millionaires-alice"), ("millionaire Bob", "millionaires-bob"))
AUCTION = (("northern house", "auction-north"), ("southern house", "auction-south"))
TREATMENTS = (("northern clinic", "treatments-north"), ("southern clinic", "treatments-south"))


def arguments():
    parser = argparse.ArgumentParser(prog="npm run demo --")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    pair = parser.add_mutually_exclusive_group()
    pair.add_argument("--cheating", action="store_const", dest="roles", const=CHEATING, default=ROLES)
    pair.add_argument("--hospitals", action="store_const", dest="roles", const=HOSPITALS)
    pair.add_argument("--millionaires", action="store_const", dest="roles", const=MILLIONAIRES)
    pair.add_argument("--auction", action="store_const", dest="roles", const=AUCTION)
    pair.add_argument("--treatments", action="store_const", dest="roles", const=TREATMENTS)
    parser.add_argument("--mode", choices=MODES, default="malicious")
    parser.add_argument("--kernel")
    parser.add_argument("--timeout", type=float, default=90, metavar="SECONDS")
    parser.add_argument("--total", type=float, default=300, metavar="SECONDS")
    parser.add_argument("--save", action="store_true")
    args = parser.parse_args()
    if args.mode != "malicious" and (args.save or args.roles is CHEATING):
        parser.error(f"--save and --cheating need --mode malicious, got {args.mode}")
    return args


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


async def execute_both(parties, total):
    """Return the errors, one line each. If one party ends early, end the other one too, and leave no kernel running."""
    runs = {asyncio.create_task(party.execute()): party for party in parties}
    try:
        done, pending = await asyncio.wait(runs, timeout=total, return_when=asyncio.FIRST_EXCEPTION)
        troubles = [str(task.exception()) for task in done if task.exception()]
        if pending:
            why = "the other one failed" if troubles else f"the time limit of {total:.0f} s has passed"
            troubles += [f"The {runs[task].role} was ended in {runs[task].where()}: {why}." for task in pending]
        for task in done:
            if task.exception() and not isinstance(task.exception(), PartyFailed):
                raise task.exception()
        return troubles
    finally:
        for task in runs:
            task.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        await asyncio.gather(*(party.end() for party in parties))


async def demo(args):
    stopped = []
    this = asyncio.current_task()

    def stop(signum):
        if not stopped:
            stopped.append(signum)
            this.cancel()

    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(signum, stop, signum)

    roles = args.roles
    address = free_address()
    notebooks = [Notebook(args.notebooks / f"{name}.ipynb", args.kernel) for _, name in roles]
    for notebook in notebooks:
        set_mode(notebook, args.mode)
    screen = Screen([role for role, _ in roles])
    try:
        async with dealer_for(args.mode, free_address()) as dealer:
            env = {"SPDZ_BIND": address, "SPDZ_PEER": address, **dealer}
            parties = [
                Party(index, role, notebook, screen, args.timeout, env)
                for index, ((role, _), notebook) in enumerate(zip(roles, notebooks))
            ]
            with screen:
                troubles = await execute_both(parties, args.total)
    except asyncio.CancelledError:
        print(f"Stopped by {signal.Signals(stopped[0]).name}; both kernels have ended.", file=sys.stderr)
        return 128 + stopped[0]

    # After a failure, do not report missing values too.
    for (role, _), notebook in zip(roles, [] if troubles else notebooks):
        troubles += [f"The {role}'s {difference}" for difference in notebook.differences()]
    pages = await asyncio.to_thread(write_pages, notebooks, args.out)
    if args.save and not troubles:
        save_back(notebooks)
    screen.results(notebooks, troubles, [os.path.relpath(page) for page in pages])
    return 1 if troubles else 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(demo(arguments())))
    except DealerFailed as error:
        sys.exit(str(error))
    except FileNotFoundError as error:
        sys.exit(f"There is no {error.filename}.")
