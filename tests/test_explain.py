"""What the program makes of a letter, told without servers, database or configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest
from typer.testing import CliRunner

from mailcase import explain
from mailcase.cli import app
from mailcase.mail import disk
from tests.letters import CLIENT, MONDAY, SUBJECT, config, raw
from tests.test_answer import BOX, stamp
from tests.test_enclosed_flow import texts

KEYS = (
    "file message_id subject from_addr from_name to date lang body reply quoted signature attachments outcome reasons "
    "bounce auto bulk forwarded register kind topic sender consumer_service risk check confidence"
).split()


def told(letter: bytes, **given: Any) -> dict[str, Any]:
    """The answer about one letter, as JSON gives it back."""
    found = disk.OnDisk("letter.eml", letter, MONDAY)
    return json.loads(explain.line(explain.as_json(explain.explain(found, given.get("known")))))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILCASE_CONFIG", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


def lines(*args: str, stdin: str | None = None) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["explain", "--json", *args], input=stdin)
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_key_is_there_in_order() -> None:
    assert list(told(raw())) == KEYS


def test_a_clients_order_is_a_request_of_the_inquiry_register() -> None:
    answer = told(raw(attachments=[("../Заявка.pdf", b"%PDF")]))
    assert (answer["outcome"], answer["register"], answer["kind"]) == ("new_case", "inquiry", "request")
    assert (answer["from_addr"], answer["to"]) == ("a.kovaleva@romashka.example.ru", ["lab@cleanmet.ru"])
    assert answer["subject"] == SUBJECT
    assert answer["date"] == "2026-11-23T09:00:00+00:00"
    assert {"name", "safe_name", "type", "size", "md5"} == answer["attachments"][0].keys()
    assert "/" not in answer["attachments"][0]["safe_name"]
    assert answer["reasons"]
    assert all(reason["rule"] and reason["why"] for reason in answer["reasons"])


def test_what_is_no_case_is_of_no_register() -> None:
    away = told(raw("Я в отпуске до 1 декабря.", headers={"Auto-Submitted": "auto-replied"}))
    assert (away["register"], away["kind"], away["auto"]) == ("none", "auto", True)
    news = told(
        raw("Новости недели. Отписаться от рассылки.", to="list@example.org", headers={"List-Id": "<n.example>"})
    )
    assert (news["register"], news["bulk"], news["auto"]) == ("none", True, False)


def test_a_delivery_report_says_for_whom_and_why() -> None:
    text = "This is the mail system.\n\n<a.kovaleva@romashka.example.ru>: host mx refused: 550 5.1.1 User unknown\n"
    report = "Reporting-MTA: dns; mx.example.ru\n\nFinal-Recipient: rfc822; a.kovaleva@romashka.example.ru\n"
    report += "Action: failed\nStatus: 5.1.1\n"
    parts = (("text/plain", text), ("message/delivery-status", report))
    body = "".join(f"--b\nContent-Type: {kind}\n\n{content}\n" for kind, content in parts) + "--b--\n"
    head = "From: MAILER-DAEMON@mx.example.ru\nTo: lab@cleanmet.ru\nReturn-Path: <>\nSubject: Undelivered\n"
    head += "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    answer = told((head + body).encode())
    assert (answer["outcome"], answer["kind"], answer["register"]) == ("bounce", "bounce", "none")
    assert answer["bounce"]["recipients"] == ["a.kovaleva@romashka.example.ru"]
    assert answer["bounce"]["permanent"] is True


def test_a_forwarded_letter_names_its_first_writer() -> None:
    text = (
        "Посмотрите.\n\n---------- Forwarded message ---------\nОт: Иван Белов <belov@example.org>\n"
        "Date: пн, 23 нояб. 2026 г., 10:00\nSubject: Поверка весов\nTo: <info@example.org>\n\nПросим поверить весы.\n"
    )
    answer = told(raw(text, subject="Fwd: Поверка весов"))
    assert answer["forwarded"]["from_addr"] == "belov@example.org"
    assert answer["forwarded"]["subject"] == "Поверка весов"


def test_the_configuration_given_is_the_one_that_judges() -> None:
    known = config(classify={"complaint": ("безобразие",)})
    letter = raw("Безобразие. Безобразие! Просто безобразие.")
    assert told(letter, known=known)["register"] == "complaint"


@pytest.mark.parametrize(("body", "said"), [("режим работы", "уходят утв"), ("режим работы весов", "другое: «весов»")])
def test_it_says_whether_an_approved_text_would_go_along(tmp_path: Path, body: str, said: str) -> None:
    own = texts(tmp_path, {"hours": "Работаем с 9 до 18."})
    known = config(answer={"enclosed_topics": ["hours"]}, templates=own, mailbox=BOX)
    letter = raw(f"Подскажите, пожалуйста, {body}.", subject="Вопрос", headers=stamp("dmarc=pass"))
    why = [reason["why"] for reason in told(letter, known=known)["reasons"] if reason["rule"] == "answer.enclosed"]
    assert said in why[0]


@pytest.mark.parametrize("name", ["acknowledgement.txt.j2", "notice.txt.j2"])
def test_no_approved_text_goes_where_an_own_template_has_no_place_for_it(tmp_path: Path, name: str) -> None:
    """As with the daemon, which leaves it to an employee."""
    own = texts(tmp_path, {"hours": "Работаем с 9 до 18."})
    (own / name).write_text("Subject: Вх. № {{ number }}\n\nПолучено.\n", encoding="utf-8")
    known = config(answer={"enclosed_topics": ["hours"]}, templates=own, mailbox=BOX)
    letter = raw("Подскажите, пожалуйста, режим работы.", subject="Вопрос", headers=stamp("dmarc=pass"))
    (why,) = [r["why"] for r in told(letter, known=known)["reasons"] if r["rule"] == "answer.enclosed"]
    assert "утверждённые тексты без сотрудника не уходят" in why


def test_a_file_name_in_no_encoding_is_still_valid_json() -> None:
    written = explain.line({"file": os.fsdecode(b"\xcf\xe8\xf1\xfc\xec\xee.eml")})
    assert "\\udccf" in written.decode("utf-8")
    assert json.loads(written)["file"].endswith(".eml")


def test_an_mbox_a_maildir_and_a_folder_are_told_letter_by_letter_in_order(folder: Path) -> None:
    first, second = raw(subject="First"), raw(subject="Second", message_id="<2@x.example>")
    mark = b"From a@example.org Mon Nov 23 09:00:00 2026\n"
    (folder / "box.mbox").write_bytes(mark + first.replace(b"\r\n", b"\n") + b"\n" + mark + second)
    assert [line["file"] for line in lines("box.mbox")] == ["box.mbox#1", "box.mbox#2"]
    for part in ("cur", "new", "tmp"):
        (folder / "Maildir" / part).mkdir(parents=True)
    (folder / "Maildir/new/200.a").write_bytes(second)
    (folder / "Maildir/cur/100.a:2,S").write_bytes(first)
    assert [line["subject"] for line in lines("Maildir")] == ["First", "Second"]
    (folder / "many/deep").mkdir(parents=True)
    (folder / "many/b.eml").write_bytes(second)
    (folder / "many/deep/c.eml").write_bytes(first)
    (folder / "many/notes.json").write_text('{"no": "letter"}')
    assert [line["file"] for line in lines("many", "box.mbox")] == [
        "many/b.eml",
        "many/deep/c.eml",
        "box.mbox#1",
        "box.mbox#2",
    ]


def test_a_single_letter_with_the_first_line_of_an_mbox_keeps_its_files_name(folder: Path) -> None:
    mark = b"From a@example.org Mon Nov 23 09:00:00 2026\n"
    (folder / "letter.txt").write_bytes(mark + raw(subject="Only").replace(b"\r\n", b"\n"))
    assert [(line["file"], line["subject"]) for line in lines("letter.txt")] == [("letter.txt", "Only")]


def test_the_word_from_at_the_start_of_a_paragraph_does_not_cut_a_letter(folder: Path) -> None:
    letter = raw("Hello.\n\nFrom our side all is ready.\n\n>From the start.\n").replace(b"\r\n", b"\n")
    (folder / "box.mbox").write_bytes(b"From - Mon Nov 23 09:00:00 2026\n" + letter + b"\n")
    (only,) = lines("box.mbox")
    assert "From our side all is ready." in only["body"]
    assert "\nFrom the start." in only["body"]


def test_a_bare_body_may_be_given_as_text_or_html(folder: Path) -> None:
    (folder / "body.html").write_text("<p>Сколько стоит <b>поверка</b> весов?</p>", encoding="utf-8")
    (folder / "body.txt").write_text("Сколько стоит поверка весов?", encoding="utf-8")
    for kind, name in (("html", "body.html"), ("text", "body.txt")):
        (answer,) = lines("--kind", kind, name)
        assert answer["body"].strip() == "Сколько стоит поверка весов?"


def test_bad_paths_and_broken_bytes_end_nothing(folder: Path) -> None:
    (folder / "good.eml").write_bytes(raw())
    (folder / "noise.eml").write_bytes(bytes(range(256)) * 40)
    (folder / "empty.eml").write_bytes(b"")
    answers = lines("-", stdin="missing.eml\nempty.eml\nnoise.eml\n.\n\ngood.eml\n")
    assert [line["file"] for line in answers] == ["missing.eml", "empty.eml", "noise.eml", ".", "", "good.eml"]
    assert ["error" in line for line in answers] == [True, True, False, True, True, False]


def test_a_path_that_cannot_be_read_shows_in_the_exit_code(folder: Path) -> None:
    (folder / "good.eml").write_bytes(raw())
    assert CliRunner().invoke(app, ["explain", "good.eml"]).exit_code == 0
    assert CliRunner().invoke(app, ["explain", "good.eml", "missing.eml"]).exit_code == 1


def test_each_answer_comes_before_the_next_line_is_asked_for(folder: Path) -> None:
    (folder / "one.eml").write_bytes(raw(subject="One"))
    (folder / "two.eml").write_bytes(raw(subject="Two"))
    command = [sys.executable, "-c", "from mailcase.cli import main; main()", "explain", "--json", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder) as process:
        for name, subject in (("one.eml", "One"), ("two.eml", "Two"), ("missing.eml", None)):
            ask(process.stdin, name)
            # A program that read ahead or kept its answer back would wait here for ever.
            answer = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            assert (answer["file"], answer.get("subject")) == (name, subject)
        process.communicate(timeout=20)


def ask(stream: IO[bytes] | None, name: str) -> None:
    assert stream is not None
    stream.write(f"{name}\n".encode())
    stream.flush()


def test_people_see_each_decision_with_its_reason(folder: Path) -> None:
    (folder / "angry.eml").write_bytes(raw("Вы опять ошиблись в протоколе! Требую исправить.", subject="Жалоба"))
    shown = CliRunner().invoke(app, ["explain", "angry.eml"]).stdout
    for words in ("new case", "complaint", "classify.", "Вы опять ошиблись", CLIENT.partition(" ")[0]):
        assert words in shown


def test_people_see_how_sure_the_decoding_is_and_what_is_not_passed_on(folder: Path) -> None:
    koi8 = b"From: a@example.ru\nTo: lab@cleanmet.ru\n\n" + "Просим выставить счёт на поверку весов.".encode("koi8-r")
    (folder / "koi8.eml").write_bytes(koi8)
    (folder / "program.eml").write_bytes(raw(attachments=[("Счёт.exe", b"MZ")]))
    assert "guessed, sure to" in CliRunner().invoke(app, ["explain", "koi8.eml"]).stdout
    assert "not passed on" in CliRunner().invoke(app, ["explain", "program.eml"]).stdout


def test_a_letter_cannot_steer_the_terminal(folder: Path) -> None:
    (folder / "evil.eml").write_bytes(raw("Text \x1b]0;owned\x07 [bold]x[/bold]", subject="[red]S"))
    shown = CliRunner().invoke(app, ["explain", "evil.eml"]).stdout
    assert "\x1b" not in shown
    assert "[red]S" in shown
    assert "[bold]x[/bold]" in shown


def test_nothing_is_written_and_the_database_is_not_even_loaded(folder: Path) -> None:
    (folder / "one.eml").write_bytes(raw())
    code = (
        "import sys; from mailcase.cli import app; app(['explain', 'one.eml'], standalone_mode=False);"
        "assert 'sqlalchemy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, timeout=30, text=True)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.iterdir()] == ["one.eml"]


def test_a_pipe_and_a_folder_that_links_to_itself_end(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(raw())
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.eml")
    found = lines(str(tmp_path), str(tmp_path / "pipe.eml"), "")
    assert [one.get("error", "")[:20] for one in found] == ["", "cannot be read (a pi", "the path is empty; g"]


def test_a_terminal_of_another_alphabet_shows_escapes_and_goes_on(tmp_path: Path) -> None:
    for name in ("a.eml", "b.eml"):
        (tmp_path / name).write_bytes(raw())
    command = [Path(sys.executable).parent / "mailcase", "explain", tmp_path]
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "160"}
    shown = subprocess.run(command, env=ascii_only, capture_output=True, text=True, timeout=60, check=True)
    assert "a.eml" in shown.stdout
    assert "b.eml" in shown.stdout
