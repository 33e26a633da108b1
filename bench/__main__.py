"""`make bench`: every part, or those that are named, on servers of its own."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import bench
from bench import database, growth, handle_workers, intake, latency, load, loaded, profile, report, rest
from bench.letters import Letters
from bench.servers import Servers

_SIZES = {"count": (1000, 200), "rounds": (3, 1), "latency": (40, 10), "growth": (2040, 340), "portion": (200, 100)}
_SIZES |= {"register": (100_000, 20_000), "idle": (30, 10), "profile": (300, 100)}
"""Of each size the usual one and that of --quick."""


class Bench:
    """The parts by name, each on the servers that all share."""

    def __init__(self, options: argparse.Namespace, folder: Path, servers: Servers) -> None:
        self.options, self.folder, self.servers = options, folder, servers

    def letters(self, count: int) -> Letters:
        """That many letters of the given load, or of our own."""
        return load.letters(self.options.load, count, self.folder)

    def intake(self) -> list[report.Part]:
        """Letters a second and what one costs, beside the floor."""
        letters = self.letters(self.options.count)
        return [intake.measure(self.servers, letters, self.folder, self.options.rounds, self.options.floor)]

    def latency(self) -> list[report.Part]:
        """Delivery to acknowledgement."""
        ways = ("lmtp", "append")
        given = (self.servers, self.folder, self.options.latency)
        return [latency.measure(*given, via, f"latency-{via}") for via in ways]

    def growth(self) -> list[report.Part]:
        """The last letters against the first."""
        return [growth.growing(self.servers, self.letters(self.options.growth), self.folder, self.options.portion)]

    def register(self) -> list[report.Part]:
        """A large register against an empty one."""
        portion = self.options.portion
        letters = self.letters(growth.WARM + 2 * portion)
        return [growth.register(self.servers, letters, self.folder, self.options.register, portion, 2)]

    def workers(self) -> list[report.Part]:
        """Two processes against one."""
        return [handle_workers.measure(self.options.count, self.options.rounds, self.folder)]

    def database(self) -> list[report.Part]:
        """What a letter costs the database and the disk."""
        return [database.measure(self.letters(self.options.profile), self.folder)]

    def idle(self) -> list[report.Part]:
        """What nothing costs."""
        return [rest.idle(self.servers, self.folder, self.options.idle)]

    def startup(self) -> list[report.Part]:
        """How long `mailcase --help` takes."""
        return [rest.start_up(9)]

    def memory(self) -> list[report.Part]:
        """Everything loaded, PostgreSQL included."""
        return [loaded.measure(self.servers, self.letters(100), self.folder)]

    def profile(self) -> list[report.Part]:
        """Where the time goes."""
        return profile.measure(self.letters(self.options.profile), self.folder)


PARTS: Sequence[str] = (
    "intake",
    "latency",
    "growth",
    "register",
    "workers",
    "database",
    "idle",
    "startup",
    "memory",
    "profile",
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench ARGS=…", description=bench.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"some of: {', '.join(PARTS)}; without any, all")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    report.arguments(parser)
    for name, (usual, quick) in _SIZES.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"{usual}; {quick} with --quick")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    for name, sizes in _SIZES.items():
        if getattr(options, name) is None:
            setattr(options, name, sizes[options.quick])
    return options


def main() -> None:
    """Measure, print, write JSON; ends with 1 where a check failed."""
    options = _options()
    parts: list[report.Part] = []
    with report.workplace(options.work) as folder, Servers.start(folder) as servers:
        whole = Bench(options, folder, servers)
        for name in options.parts or PARTS:
            measure: Callable[[], list[report.Part]] = getattr(whole, name)
            report.progress(f"{name} …")
            parts += measure()
    report.show(parts, options.json)


if __name__ == "__main__":
    main()
