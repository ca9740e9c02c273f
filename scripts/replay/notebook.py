"""A notebook and its expected results.

A cell that shows a result to be checked carries the metadata `"spdzlab": {"name": "weightsGrad", "expect": "6 6"}`: the
numbers in its result are compared, in order, with those expected; `"tolerance": 0.001` allows for a difference. A cell
that shows words of a share carries `"spdzlab": {"secret": true}`: its output stays out of logs and committed notebooks.
A cell that must fail carries `"spdzlab": {"fails": "CheckError"}` and nbclient's tag `raises-exception`: it must throw
the error of that name, and show no result. `"CheckError or TransportError"` allows either.
"""

import re
from pathlib import Path

import nbformat

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|Infinity|NaN)(?![\w])")
# The last line of a printed tensor contains its size: [LongTensor of size 2x1]
SIZE = re.compile(r"\n\s*\[[^\[\]\n]*[A-Za-z][^\[\]\n]*\]\s*$")


class Notebook:
    def __init__(self, path: Path, kernel: str | None = None):
        self.path = path
        self.node = nbformat.read(path, as_version=4)
        self.kernel = kernel or self.node.metadata.kernelspec.name

    def code_cells(self):
        return [cell for cell in self.node.cells if cell.cell_type == "code"]

    def expectations(self):
        """Yield (name, expected text, found text or None) for every cell with an expected value."""
        for cell in self.code_cells():
            ours = about(cell)
            if "expect" in ours:
                yield ours.get("name", first_line(cell)), ours["expect"], result_text(cell)

    def differences(self):
        """Return the values that are missing or not as expected, one sentence each."""
        checked = [cell for cell in self.code_cells() if about(cell).keys() & {"expect", "fails"}]
        if not checked:
            return [f"notebook {self.path.name} has no expected value, so there is nothing to check."]
        return [difference for cell in checked if (difference := difference_in(cell))]


def about(cell):
    """Return our metadata of a cell."""
    return cell.metadata.get("spdzlab", {})


def is_secret(cell):
    return bool(about(cell).get("secret"))


def first_line(cell):
    """Return the first line of a cell that is not a comment."""
    lines = [line for line in cell.source.splitlines() if line.strip()]
    return next((line for line in lines if not line.lstrip().startswith("//")), lines[0] if lines else "")


def result_text(cell):
    """Return the result of a cell as plain text, or None if it has none."""
    for output in cell.outputs:
        if output.output_type == "execute_result":
            return output.data.get("text/plain")
    return None


def numbers(text):
    spelling = {"Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"}
    return [float(spelling.get(word, word)) for word in NUMBER.findall(SIZE.sub("", text))]


def difference_in(cell):
    """Return how the result of a cell differs from the expected one, or None if it does not."""
    ours = about(cell)
    if "fails" in ours:
        return failure_in(cell, ours["fails"])
    name, expected, found = ours.get("name", first_line(cell)), numbers(ours["expect"]), result_text(cell)
    if found is None:
        return f"{name} is missing: the cell has no result."
    actual, tolerance = numbers(found), ours.get("tolerance", 0)
    if len(actual) == len(expected) and all(a == e or abs(a - e) <= tolerance for a, e in zip(actual, expected)):
        return None
    return f"{name} is {plain(actual)}, not {plain(expected)}."


def failure_in(cell, expected):
    """Return how a cell did not fail as required: another error, no error, or an output. None if it failed as required."""
    errors = [output.ename for output in cell.outputs if output.output_type == "error"]
    shown = [output for output in cell.outputs if output.output_type == "execute_result" or output.get("name") == "stdout"]
    if len(errors) == 1 and errors[0] in expected.split(" or ") and not shown:
        return None
    return f"{first_line(cell)} should fail with {expected} and show nothing else, not {', '.join(errors) or 'succeed'}."


def plain(values):
    return " ".join(f"{value:g}" for value in values) or "without numbers"
