"""Names of a package that are imported when they are first used.

What a package offers then costs only those who ask for it: a question needs nothing of what builds
an index. Knows nothing of the rooms.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def importer(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the ``__getattr__`` of a package (PEP 562).

    Args:
        package: its name.
        homes: for each name the module of the package that it is imported from.
    """

    def imported(name: str) -> object:
        """Import a name at its first use."""
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return imported
