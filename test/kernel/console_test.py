"""A person at `jupyter console`, in a terminal of its own: python console_test.py ADDRESS (where no party will come)."""

import os
import re
import sys
import time

import pexpect

PATIENCE = 90
# Without it the console asks the terminal where the cursor is, and waits for the answer.
ENVIRONMENT = dict(os.environ, PROMPT_TOOLKIT_NO_CPR="1", TERM="xterm-256color", SPDZ_BIND=sys.argv[1])
ARGUMENTS = ["-m", "jupyter_console", "--kernel=spdzlab"]


class Terminal:
    """What is written on the screen, without colours and movements of the cursor."""

    def __init__(self):
        self.process = pexpect.spawn(
            sys.executable, ARGUMENTS, env=ENVIRONMENT, dimensions=(40, 120), encoding="utf-8"
        )
        self.raw = ""

    def until(self, pattern, patience=PATIENCE):
        """Waits for the pattern; returns what is before it, which is not looked at again."""
        end = time.monotonic() + patience
        while True:
            text = re.sub(r"\x1b\[[?\d;]*[a-zA-Z]|\r", "", self.raw)
            found = re.search(pattern, text, re.M)
            if found:
                self.raw = text[found.end() :]
                return text[: found.start()]
            if time.monotonic() > end:
                raise AssertionError(f"no {pattern!r} in\n{text}")
            try:
                self.raw += self.process.read_nonblocking(4096, timeout=0.2)
            except pexpect.TIMEOUT:
                pass

    def prompt(self, number):
        """Waits until the cell of that number can be written; returns what is before it."""
        before = self.until(rf"In \[{number}\]: ")
        # The prompt is drawn before the keyboard is read.
        time.sleep(0.3)
        return before

    def type(self, text):
        self.process.send(text)

    def run(self, number, code):
        """Runs a cell of one line; returns everything up to the next prompt, the code as it was typed first."""
        self.type(f"{code}\r")
        return self.prompt(number + 1)


def check(what, text, *patterns):
    for pattern in patterns:
        assert re.search(pattern, text, re.M), f"{what}: no {pattern!r} in\n{text}"
    print(f"ok: {what}")


terminal = Terminal()
check("the banner", terminal.prompt(1), r"^spdzlab \d.*TypeScript")
check("a result", terminal.run(1, "6 * 7"), r"^Out\[1\]: 42$")
check(
    "a type error",
    terminal.run(2, 'const n: number = "x"'),
    r"^In \[2\], line 1, column 7 \(TS2322\)$",
    r"^Type 'string' is not assignable to type 'number'\.$",
    r"^ +~$",
)
check(
    "an error",
    terminal.run(3, 'throw new RangeError("turn")'),
    r"^RangeError: turn$",
    r"^ +at In \[3\], line 1, column 7$",
)

loop = 'for (const i of progress(8, "Training")) await new Promise((r) => setTimeout(r, 200)); "trained"'
shown = terminal.run(4, loop)
# The console shows what is displayed, but no update of it.
assert len(re.findall(r"^Training …$", shown, re.M)) == 1 and "▕" not in shown, shown
check("a loop leaves one line and no bar", shown, r"^Out\[4\]: 'trained'$")

terminal.type('await prompt("Name? ")\r')
terminal.until(r"^Name\? ")
terminal.type("Ada\r")
check("a question", terminal.prompt(6), r"^Out\[5\]: 'Ada'$")

terminal.type("const iface = new DistributedInterface(0)\r")
terminal.until(r"^Waiting for party 1 on \S+ to connect …$")
terminal.process.sendintr()
check("a wait that is interrupted", terminal.prompt(7), r"Interrupted: The wait was interrupted")

terminal.type("spdz.enco\t")
terminal.until(r"encode")
terminal.type("\x15")

terminal.type("for (const i of [1, 2]) {\r")
terminal.until(r"\.\.\.: ")
terminal.type("console.log(i * 111)\r}\r")
check("a cell of several lines", terminal.prompt(8), r"^111\n222$")

terminal.process.sendeof()
terminal.until(r"Do you really want to exit")
terminal.type("y\r")
terminal.process.expect(pexpect.EOF, timeout=PATIENCE)
terminal.process.close()
assert terminal.process.exitstatus == 0, terminal.process.exitstatus
print("ok: the end")
