"""Executed notebooks on disk: as notebooks, as HTML pages, and, when asked, back to where they came from."""

from copy import deepcopy

import nbformat
from nbconvert import HTMLExporter

from notebook import is_secret


def write_pages(notebooks, folder):
    """Writes each executed notebook and its HTML page; returns the paths of the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for notebook in notebooks:
        (folder / notebook.path.name).write_text(text(notebook.node), encoding="utf-8")
        page = folder / f"{notebook.path.stem}.html"
        html, _ = HTMLExporter().from_notebook_node(notebook.node, {"metadata": {"name": notebook.path.stem}})
        page.write_text(html, encoding="utf-8")
        pages.append(page)
    return pages


def save_back(notebooks):
    """Refreshes the committed notebooks, without anything that a share can be read from or that differs run by run."""
    for notebook in notebooks:
        node = deepcopy(notebook.node)
        node.metadata.pop("widgets", None)
        for cell in node.cells:
            cell.metadata.pop("execution", None)
            if cell.cell_type == "code":
                cell.outputs = [] if is_secret(cell) else [output for output in cell.outputs if not is_blank(output)]
        notebook.path.write_text(text(node), encoding="utf-8")


def is_blank(output):
    """What is left of a notice that was shown while something lasted, such as that a party waits."""
    return output.output_type == "display_data" and not any(output.data.values())


def text(node):
    """The one way in which we write notebooks, that of Jupyter itself."""
    return nbformat.writes(node).rstrip("\n") + "\n"
