"""Shows every letter the laboratory may send, filled with sample values, before anybody gets one.

Writes `.eml`, `.txt` and `.html` of each sample, and where a Chromium is found `.png` at desk and at phone width, light
and dark.
Nothing is sent; the browser is given no network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from mailcase.mail import samples
from mailcase.mail.compose import Composer
from mailcase.words import Audience

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--proxy-server=127.0.0.1:9",
)  # fmt: skip
# A headless Chromium lays out no narrower than 500 points, so the phone is a frame of 390 inside a wider page.
_PHONE = '<body style="margin:0"><iframe src="{}" width="390" height="1180" style="border:0"></iframe></body>'
_DARK = "--blink-settings=preferredColorScheme=0"
_PATIENCE = 60


def write(
    folder: Path,
    *,
    own: Path | None = None,
    zone: ZoneInfo = ZoneInfo("Europe/Moscow"),  # noqa: B008
    pictures: bool = True,
) -> list[Path]:
    """Writes every sample into `folder` (made if missing) and returns the files in order.

    `own` is the folder of the user's templates. Without a browser, or with `pictures` off, there are no PNG.
    Raises MailcaseError for a template that cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    composer = Composer(own, zone)
    browser = found_browser() if pictures else None
    written: list[Path] = []
    seen: dict[str, int] = {}
    for draft in samples.drafts():
        # Staff letters are Russian only; their English turn would be the same file twice.
        if draft.lang == "en" and draft.audience is Audience.STAFF:
            continue
        stem = f"{draft.template}.{draft.lang}"
        seen[stem] = seen.get(stem, 0) + 1
        base = folder / (stem if seen[stem] == 1 else f"{stem}.{seen[stem]}")
        subject, text, html = composer.render(draft)
        files = {".eml": composer.compose(draft, samples.content), ".html": html.encode()}
        files[".txt"] = f"{subject}\n\n{text}".encode()
        for ending, data in files.items():
            path = base.with_name(base.name + ending)
            path.write_bytes(data)
            written.append(path)
        if browser:
            written += _photograph(browser, base.with_name(base.name + ".html"))
    return written


def found_browser() -> str | None:
    """The Chromium that takes the pictures; None where there is none."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def _photograph(browser: str, page: Path) -> list[Path]:
    """The page at 700 points and at 390, light and dark; a browser that fails costs the picture, not the preview."""
    with tempfile.TemporaryDirectory() as profile:
        phone = Path(profile) / "phone.html"
        phone.write_text(_PHONE.format(page.resolve().as_uri()), encoding="utf-8")
        shots: dict[Path, tuple[Path, str, tuple[str, ...]]] = {
            page.with_suffix(".png"): (page, "700,1200", ()),
            page.with_suffix(".phone.png"): (phone, "500,1200", ()),
            page.with_suffix(".phone.dark.png"): (phone, "500,1200", (_DARK,)),
        }
        for picture, (source, size, colours) in shots.items():
            command = [
                browser,
                *_FLAGS,
                *colours,
                f"--user-data-dir={profile}/profile",
                f"--screenshot={picture.resolve()}",
            ]
            # Chromium's sandbox refuses root; the page is our own and has no scripts.
            command += ["--no-sandbox"] if os.geteuid() == 0 else []
            try:
                subprocess.run(
                    [*command, f"--window-size={size}", source.resolve().as_uri()],
                    capture_output=True,
                    timeout=_PATIENCE,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
    return [picture for picture in shots if picture.is_file()]
