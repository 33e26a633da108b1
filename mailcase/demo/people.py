"""Who takes part in the demo: the invented laboratory, its employees and its clients. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formataddr


@dataclass(frozen=True, slots=True)
class Client:
    """A person who writes to the laboratory; `name` is the display name of his mail program."""

    name: str
    address: str

    def __str__(self) -> str:
        return formataddr((self.name, self.address)) if self.name.isascii() else f"{self.name} <{self.address}>"


PASSWORD = "demo"
"""Of every mailbox of the demo; the servers listen on loopback alone."""

LAB = "lab@cleanmet.ru"
LAB_NAME = "ООО «КлинМет»"

ANNA = Client("Анна Ковалёва", "a.kovaleva@example.ru")
GUSEV = Client("Гусев П.И.", "gusev@example.org")
ZAYTSEVA = Client("Марина Зайцева", "zakupki@example.ru")
LEBEDEV = Client("Лебедев Игорь Павлович", "lebedev@example.org")
KRYLOVA = Client("Ольга Крылова", "krylova@example.ru")
CARTER = Client("James Carter", "j.carter@example.org")
BELOV = Client("Тимофей Белов", "t.belov@gone.example.org")
"""Has no mailbox: what is sent to him comes back."""
NEWSLETTER = Client("Вестник метролога", "news@example.org")
E_DOCUMENTS = Client("Оператор ЭДО «Документ»", "noreply@example.ru")
YOU = Client("Вы", "you@example.org")
"""The mailbox for whoever watches the demo and writes a letter of his own."""

STAFF = ("petrova@cleanmet.ru", "sidorov@cleanmet.ru", "smirnova@cleanmet.ru", "orlov@cleanmet.ru")
PETROVA = STAFF[0]
SMIRNOVA = STAFF[2]

MAILBOXES = (LAB, *STAFF, *(c.address for c in (ANNA, GUSEV, ZAYTSEVA, LEBEDEV, KRYLOVA, CARTER, YOU)))
