"""Write executed notebooks: as notebooks, as HTML pages, and on request back to the original files."""

from copy import deepcopy

import nbformat
from nbconvert import HTMLExporter

from notebook import is_secret


def write_pages(notebooks, folder):
    """Write each executed notebook and its HTML page. Return the paths of the pages."""
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
    """Update the committed notebooks. Leave out everything that reveals a share or changes from run to run."""
    for notebook in notebooks:
        node = deepcopy(notebook.node)
        node.metadata.pop("widgets", None)
        for cell in node.cells:
            cell.metadata.pop("execution", None)
            if cell.cell_type == "code":
                cell.outputs = [] if is_secret(cell) else [output for output in cell.outputs if not is_blank(output)]
        notebook.path.write_text(text(node), encoding="utf-8")


def is_blank(output):
    """Return whether an output is the remainder of a temporary notice, such as that a party is waiting."""
    return output.output_type == "display_data" and not any(output.data.values())


def text(node):
    """Format a notebook in the same way as Jupyter."""
    return nbformat.writes(node).rstrip("\n") + "\n"
