"""The folder of the demo's laboratory: `config.toml` and `.env` as an administrator would write them."""

from __future__ import annotations

import secrets
from pathlib import Path

from mailcase import config_file
from mailcase.config import Config
from mailcase.demo import people
from mailcase.demo.servers import HOST, DemoServers

PAGE = "register"
_CONFIG = """\
# The laboratory of the demo. Its servers live inside `mailcase demo` and end with it.
mode = "live"

[lab]
name = "{lab}"
address = "{address}"
site = "www.cleanmet.ru"
phone = "+7 (495) 000-00-00"
head = "orlov"
duty = "smirnova"
quality_manager = "smirnova"
top_management = ["orlov"]

[[mailbox]]
name = "lab"
host = "{host}"
port = {imap}
user = "{address}"
tls = "none"

[smtp]
host = "{host}"
port = {smtp}
user = "{address}"
tls = "none"
# The null path <> would be as good; with an address of its own a returned acknowledgement comes back and is seen.
auto_envelope = "lab+{{token}}@cleanmet.ru"

[answer]
# Ten minutes in real life: how long an employee may still stop an answer.
undo = "2s"

[page]
folder = "{page}"

[[assign]]
words = ["весы", "весов", "гири", "гирь"]
employees = ["sidorov"]

[[employee]]
login = "petrova"
name = "Петрова Наталья Викторовна"
position = "инженер по метрологии"
phone = "+7 (495) 000-00-00, доб. 214"
email = "petrova@cleanmet.ru"
kinds = ["request", "order_change", "consultation"]
substitute = "sidorov"

[[employee]]
login = "sidorov"
name = "Сидоров Андрей Петрович"
position = "инженер"
phone = "+7 (495) 000-00-00, доб. 216"
email = "sidorov@cleanmet.ru"
kinds = ["suggestion", "feedback", "correspondence"]
substitute = "smirnova"

[[employee]]
login = "smirnova"
name = "Смирнова Ольга Игоревна"
position = "менеджер по качеству"
phone = "+7 (495) 000-00-00, доб. 205"
email = "smirnova@cleanmet.ru"
kinds = ["complaint", "claim"]
substitute = "orlov"

[[employee]]
login = "orlov"
name = "Орлов Дмитрий Сергеевич"
position = "директор"
phone = "+7 (495) 000-00-00, доб. 201"
email = "orlov@cleanmet.ru"
"""


def write(folder: Path, servers: DemoServers) -> Config:
    """Write both files for these servers and read them back as the daemon does; raises ConfigError."""
    file = folder / "config.toml"
    text = _CONFIG.format(
        lab=people.LAB_NAME,
        address=people.LAB,
        host=HOST,
        imap=servers.imap_port,
        smtp=servers.smtp_port,
        page=PAGE,
    )
    file.write_text(text, encoding="utf-8")
    secret = folder / ".env"
    secret.touch(mode=0o600)
    secret.write_text(f"MAILCASE_SECRET={secrets.token_hex(32)}\nMAILCASE_MAILBOX_LAB_PASSWORD={people.PASSWORD}\n")
    # An empty environment: variables of a real laboratory must not reach into the demo.
    return config_file.load(file, {})
