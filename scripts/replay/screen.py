"""Show the two notebooks side by side in the terminal: one row for each cell, in the order in which cells end.

Only append rows, so that a log looks like a terminal. In a terminal, also show the running cell of each party and its
time below the rows.
"""

import asyncio
import os
import re
import textwrap

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from notebook import about, difference_in, is_secret, numbers, plain, result_text

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
OUTPUT_LINES = 6
# Cells that end within this time of each other share a row. Cells that exchange messages do.
TOGETHER_S = 0.3


class Screen:
    def __init__(self, roles):
        self.roles = roles
        # A log has no width.
        tty = Console().is_terminal and not os.environ.get("CI")
        self.console = Console(highlight=False) if tty else Console(highlight=False, width=116, force_terminal=False)
        self.half = (min(self.console.width, 160) - 3) // 2
        self.at = {}
        self.held = {}
        self.timer = None
        self.live = Live(console=self.console, get_renderable=self._below, refresh_per_second=8, transient=True) if tty else None

    def __enter__(self):
        self._row(*(Text(f"{role} (party {index})", "bold") for index, role in enumerate(self.roles)))
        self._row(*(Text("─" * self.half, "dim") for _ in self.roles))
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *_):
        self._flush()
        if self.live:
            self.live.stop()

    def starting(self, party):
        self.at[party.index] = party

    def running(self, party):
        self.at[party.index] = party

    def finished(self, party):
        self.at.pop(party.index, None)
        self._in_column(party, Text("has run to its end", "green"))

    def executed(self, party, well):
        mark = Text("✓ " if well else "✗ ", "green" if well else "red")
        head = mark + Text(f"[{party.count}] ", "dim") + Text(f"{party.elapsed():.2f} s", "dim")
        self._in_column(party, Group(head, source(party.cell), *outputs(party.cell, self.half)))

    def results(self, notebooks, troubles, pages):
        """Print each party's final values, the errors, and the paths of the pages."""
        self.console.print()
        table = Table(box=None, padding=(0, 3, 0, 0))
        for title in ("", "value", *self.roles, "expected"):
            table.add_column(title, style="bold" if title == "value" else "")
        for name, expected, cells in by_name(notebooks):
            good = all(cell is None or difference_in(cell) is None for cell in cells)
            mark = Text("✓", "green") if good else Text("✗", "red")
            table.add_row(mark, name, *(found(cell) for cell in cells), expected)
        if table.rows:
            self.console.print(table)
        for trouble in troubles:
            self.console.print(Text(trouble, "red"))
        self.console.print(Text("Executed notebooks: " + "  ".join(pages), "dim"), soft_wrap=True)
        if not troubles:
            self.console.print(Text("Both parties agree with what was expected.", "green"))

    def _in_column(self, party, content):
        """Hold the content back for a moment, in case the other party has content for the same row."""
        if party.index in self.held:
            self._flush()
        self.held[party.index] = content
        if len(self.held) == len(self.roles):
            self._flush()
        else:
            self.timer = asyncio.get_running_loop().call_later(TOGETHER_S, self._flush)

    def _flush(self):
        if self.timer:
            self.timer.cancel()
        if self.held:
            self._row(*(self.held.get(index, "") for index in range(len(self.roles))))
        self.held, self.timer = {}, None

    def _row(self, *columns):
        self.console.print(self._grid(*columns))

    def _grid(self, left, right):
        grid = Table.grid(padding=0)
        grid.add_column(width=self.half)
        grid.add_column(width=3, style="dim")
        grid.add_column(width=self.half)
        height = max(len(self.console.render_lines(side, self.console.options.update(width=self.half))) for side in (left, right))
        grid.add_row(left, "\n".join([" │ "] * height), right)
        return grid

    def _below(self):
        return self._grid(*(self._doing(index) for index in range(len(self.roles))))

    def _doing(self, index):
        party = self.at.get(index)
        if not party:
            return ""
        return Text(f"… {party.elapsed():.0f} s  {party.where()}", "yellow", no_wrap=True, overflow="ellipsis")


def source(cell):
    """Return the first two lines of a cell that are not comments."""
    lines = [line for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("//")]
    shown = "\n".join(lines[:2] + (["…"] if len(lines) > 2 else []))
    return Text(shown, "cyan", no_wrap=True, overflow="ellipsis")


def outputs(cell, width):
    if is_secret(cell) and cell.outputs:
        yield Text("  (words of a share: not shown here)", "dim")
        return
    for output in cell.outputs:
        text, style = text_of(output)
        lines = [line for line in ANSI.sub("", text).splitlines() if line.strip()]
        if len(lines) == 1:  # a sentence, such as a warning, rather than the rows of a tensor
            lines = textwrap.wrap(lines[0], width - 2)
        more = [f"… {len(lines) - OUTPUT_LINES} more lines"] if len(lines) > OUTPUT_LINES else []
        yield Text("\n".join(f"  {line}" for line in lines[:OUTPUT_LINES] + more), style, no_wrap=True, overflow="ellipsis")


def text_of(output):
    if output.output_type == "stream":
        return output.text, "yellow" if output.name == "stderr" else ""
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}", "red"
    return output.data.get("text/plain", f"({', '.join(output.data)})"), ""


def by_name(notebooks):
    """Return (name, expected, the cell of each party or None), in the order of the notebooks."""
    rows = {}
    for index, notebook in enumerate(notebooks):
        for cell in notebook.code_cells():
            ours = about(cell)
            if "expect" in ours:
                row = rows.setdefault(ours.get("name", cell.source), (ours["expect"], [None] * len(notebooks)))
                row[1][index] = cell
    return [(name, " ".join(expected.split()), cells) for name, (expected, cells) in rows.items()]


def found(cell):
    if cell is None:
        return Text("")
    text = result_text(cell)
    return Text("missing" if text is None else plain(numbers(text)), "" if difference_in(cell) is None else "red")
