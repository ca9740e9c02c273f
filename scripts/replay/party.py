"""Execute the notebook of one party in its own kernel."""

import os
import time
from contextlib import asynccontextmanager

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, CellTimeoutError, DeadKernelError

from notebook import Notebook, difference_in, first_line


class PartyFailed(Exception):
    """The message says which party failed, where and how."""


class Client(NotebookClient):
    """A client without nbclient's handlers of Ctrl-C and SIGTERM: two notebooks need one handler, which the caller sets."""

    @asynccontextmanager
    async def async_setup_kernel(self, **kwargs):
        await self.async_start_new_kernel(**kwargs)
        await self.async_start_new_kernel_client()
        yield


class Party:
    def __init__(self, index, role, notebook: Notebook, screen, timeout, env):
        self.index, self.role, self.notebook, self.screen = index, role, notebook, screen
        self.timeout, self.env = timeout, env
        self.cell, self.count, self.started = None, 0, time.monotonic()
        self.manager = AsyncKernelManager(kernel_name=notebook.kernel)
        self.client = Client(
            notebook.node,
            km=self.manager,
            kernel_name=notebook.kernel,
            timeout=timeout,
            startup_timeout=timeout,
            coalesce_streams=True,
            record_timing=False,
            resources={"metadata": {"path": str(notebook.path.parent)}},
            on_cell_execute=self._starts,
            on_cell_executed=self._ends,
        )

    def where(self):
        return f"In [{self.count}] {first_line(self.cell).strip()}" if self.cell else "the start of its kernel"

    def elapsed(self):
        return time.monotonic() - self.started

    async def execute(self):
        self.screen.starting(self)
        try:
            await self.client.async_execute(env={**os.environ, **self.env})
        except CellTimeoutError:
            raise PartyFailed(f"The {self.role} took more than {self.timeout:.0f} s for {self.where()}.") from None
        except CellExecutionError as error:
            raise PartyFailed(f"The {self.role} failed in {self.where()}: {error.ename}: {error.evalue}") from None
        except DeadKernelError:
            raise PartyFailed(f"The {self.role}'s kernel died in {self.where()}.") from None
        except NoSuchKernel:
            raise PartyFailed(f"The {self.role} needs the kernel {self.notebook.kernel}, which is not set up.") from None
        except (CellControlSignal, RuntimeError) as error:
            raise PartyFailed(f"The {self.role} did not get beyond {self.where()}: {error}") from None
        self.screen.finished(self)
        await self.end(now=False)

    async def end(self, now=True):
        """End the kernel, even if it is busy."""
        if self.client.kc is not None:
            self.client.kc.stop_channels()
        if self.manager.has_kernel:
            await self.manager.shutdown_kernel(now=now)

    def _starts(self, cell, cell_index):
        if cell.cell_type == "code" and cell.source.strip():
            self.cell, self.count, self.started = cell, self.count + 1, time.monotonic()
            self.screen.running(self)

    def _ends(self, cell, cell_index, execute_reply):
        self.screen.executed(self, self._as_it_should(cell, execute_reply["content"]["status"]))

    def _as_it_should(self, cell, status):
        ours = cell.metadata.get("spdzlab", {})
        if "fails" in ours:
            return difference_in(cell) is None
        return status == "ok" and ("expect" not in ours or difference_in(cell) is None)
