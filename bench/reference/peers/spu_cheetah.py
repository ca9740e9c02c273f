"""SPU by the protocol in this module's name."""

from spu_system import prepare, start_with

__all__ = ["prepare", "start"]


def start(rank, ports):
    start_with("spu_cheetah", rank, ports)
