"""Registry: one file, one function, one name. A folder scan finds every plug-in; a double name stops the start."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Generic, TypeVar

from mailcase.words import MailcaseError

T = TypeVar("T")


class Registry(Generic[T]):
    """Named plug-ins of one kind; `package` is scanned once, at the first question."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._items: dict[str, T] = {}
        self._scanned = False

    def add(self, *names: str) -> Callable[[T], T]:
        """Decorator: register under every given name.

        Raises MailcaseError where a name is taken.
        """

        def register(item: T) -> T:
            for name in names:
                if name in self._items:
                    raise MailcaseError(f"{self._package}: two plug-ins are called {name!r}; rename one of them")
                self._items[name] = item
            return item

        return register

    def _scan(self) -> None:
        if self._scanned:
            return
        package: ModuleType = importlib.import_module(self._package)
        for found in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self._package}.{found.name}")
        self._scanned = True

    def get(self, name: str) -> T | None:
        """The plug-in of that name, or None."""
        self._scan()
        return self._items.get(name)

    def __iter__(self) -> Iterator[tuple[str, T]]:
        """All (name, plug-in) pairs by name, so that order of files never matters."""
        self._scan()
        return iter(sorted(self._items.items(), key=lambda pair: pair[0]))
