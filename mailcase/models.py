"""The laboratory's own model: which file judges, how another one takes its place, and the way back.

The folder holds each model under the day it was made and `in-use.json`, which names them, the newest first. Files are
never changed, and the names are replaced at once (rename(2)), so whoever judges sees a change by a look at the folder
and needs no restart. What is damaged is never used: the shipped model judges then, and `fault` says so.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mailcase.rules import model
from mailcase.rules.model import Model
from mailcase.words import MailcaseError

log = logging.getLogger(__name__)
_NAMES = "in-use.json"
_FILE = re.compile(r"model-\d{4}-\d\d-\d\d(-\d+)?\.bin")
_KEPT = 5
"""Models that one can go back to; the files of older ones and of those given up go with the next that is adopted."""
_REMEDY = "restore it from the backup, or go back with `mailcase train --back`"


@dataclass(frozen=True, slots=True)
class Made:
    """One model: its file, the digest of it and of the shipped model at that time, the last event (id) it learned."""

    file: str
    sha256: str
    shipped: str
    until: int


@dataclass(frozen=True, slots=True)
class State:
    """What `in-use.json` says: models, the newest first, and the last event (id) that any training has seen."""

    models: tuple[Made, ...] = ()
    tried_until: int = 0

    @property
    def outdated(self) -> bool:
        """Another version of the program has come with other letters since: its own model judges until the next."""
        return bool(self.models) and self.models[0].shipped != shipped_digest()

    @property
    def foreign(self) -> tuple[Made, ...]:
        """Models that were made for another version of the program; none of them judges."""
        return tuple(made for made in self.models if made.shipped != shipped_digest())

    @property
    def in_use(self) -> Made | None:
        """The laboratory's model that judges; None where the shipped one does."""
        return self.models[0] if self.models and not self.outdated else None


@lru_cache
def shipped_digest() -> str:
    """SHA-256 (hex) of the model that the package carries."""
    path = files("mailcase.rules") / model.FILE
    return hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()


class Models:
    """The folder, as one process sees it; it need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: object = ()
        self._file: Path | None = None
        self._model: Model | None = None
        self._sound = ""

    def current(self) -> Model | None:
        """The model to judge by; None where the shipped one does, also because ours is damaged. Costs two stats."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._model = self._read()
            self._seen = self._stamp()
        return self._model

    def fault(self) -> str:
        """What is wrong with the model that should judge, with the remedy; empty where nothing is."""
        try:
            packed = self._bytes()
            digest = hashlib.sha256(packed or b"").hexdigest()
            # Unpacked once for each content: the daemon asks every few seconds.
            if packed is not None and digest != self._sound:
                _unpacked(packed, self._file)
                self._sound = digest
        except MailcaseError as damaged:
            return str(damaged)
        return ""

    def state(self) -> State:
        """What is in use; raises MailcaseError where `in-use.json` cannot be read."""
        path = self.folder / _NAMES
        try:
            told = json.loads(path.read_bytes())
            made = tuple(Made(**entry) for entry in told.pop("models"))
            return State(made, **told)
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise MailcaseError(f"{path}: cannot be read ({_why(error)}); {_REMEDY}") from error

    def known(self) -> State:
        """The same; nothing where that cannot be read."""
        try:
            return self.state()
        except MailcaseError:
            return State()

    def adopt(self, packed: bytes, day: date, until: int) -> Made:
        """Judge by this model from now on; `until` is the id of the last event that it learned of."""
        with self._alone():
            made = Made(self._new_name(day), hashlib.sha256(packed).hexdigest(), shipped_digest(), until)
            _write(self.folder / made.file, packed)
            kept = (made, *self.known().models)[:_KEPT]
            self._name(State(kept, until))
            self._keep_only({one.file for one in kept})
        return made

    def tried(self, until: int) -> None:
        """What was said until that event made no better model: it is not tried again before somebody says more."""
        with self._alone():
            self._name(replace(self.known(), tried_until=until))

    def back(self) -> State:
        """Judge by the model that was in use before; raises MailcaseError where the shipped one judges already.

        Models of another version of the program were not in use and are passed over: their names go. Names that cannot
        be read any more are put aside, and the shipped model judges.
        """
        with self._alone():
            try:
                state = self.state()
            except MailcaseError:
                (self.folder / _NAMES).replace(self.folder / f"{_NAMES}.damaged")
                return State()
            fitting = tuple(made for made in state.models if made not in state.foreign)
            if not fitting:
                none = "those before were made for another version" if state.models else "there is none before it"
                raise MailcaseError(f"the shipped model judges already; {none}")
            state = replace(state, models=fitting[1:] if state.in_use else fitting)
            self._name(state)
            return state

    def _stamp(self) -> object:
        """Another value after each change of the names or of the file in use."""
        try:
            names = (self.folder / _NAMES).stat()
        except OSError as absent:
            return absent.errno
        return _identity(names), _identity(self._file.stat()) if self._file and self._file.exists() else None

    def _read(self) -> Model | None:
        try:
            packed = self._bytes()
            return None if packed is None else _unpacked(packed, self._file)
        except MailcaseError as damaged:
            log.error("the shipped model judges: %s", damaged)
            return None

    def _bytes(self) -> bytes | None:
        """The file in use, whole; None where the shipped model judges. Raises MailcaseError where it is damaged."""
        made = self.state().in_use
        self._file = self.folder / made.file if made else None
        if made is None or self._file is None:
            return None
        try:
            packed = self._file.read_bytes()
        except OSError as error:
            raise MailcaseError(f"{self._file}: cannot be read ({_why(error)}); {_REMEDY}") from error
        if hashlib.sha256(packed).hexdigest() != made.sha256:
            raise MailcaseError(f"{self._file}: the model was damaged; {_REMEDY}")
        return packed

    def _keep_only(self, named: set[str]) -> None:
        """Delete the models of other names. Not when they are given up: somebody may be about to read them."""
        for path in self.folder.iterdir():
            if _FILE.fullmatch(path.name) and path.name not in named:
                path.unlink()

    def _new_name(self, day: date) -> str:
        names = (f"model-{day.isoformat()}{f'-{n}' if n > 1 else ''}.bin" for n in range(1, 1000))
        return next(name for name in names if not (self.folder / name).exists())

    def _name(self, state: State) -> None:
        _write(self.folder / _NAMES, json.dumps(asdict(state), indent=1).encode() + b"\n")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time changes the folder, which is made where there is none."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mtime_ns, status.st_ino, status.st_size


def _unpacked(packed: bytes, file: Path | None) -> Model:
    try:
        return model.unpack(packed)
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise MailcaseError(f"{file}: is no model of this version ({_why(error)}); {_REMEDY}") from error


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by nobody else: words of clients' letters stand in a model."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    temporary.replace(path)


def _why(error: Exception) -> str:
    said: Any = error.strerror if isinstance(error, OSError) else error
    return str(said).lower()
