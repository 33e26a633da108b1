"""The process that brings a database up to date for a daemon (`upgrade_apart`)."""

import os
import sys

from mailcase.store.db import Database
from mailcase.store.migrations import URL, upgrade
from mailcase.words import MailcaseError

try:
    upgrade(Database(os.environ[URL]))
except MailcaseError as wrong:
    sys.exit(f"mailcase: {wrong}")
