"""Recognises the plain words with which mail servers return letters, where no machine-readable report says it.

Pure. qmail, Exim, Postfix, Sendmail, Exchange, Yandex, Mail.ru and their translations (C33). A human who writes about
a returned letter is no server: the sender must look like one, or the text begins with a program's own sentence.
"""

from __future__ import annotations

import re

from mailcase.mail.clients import ADDRESS
from mailcase.mail.headers import Address, normal_address

# Reports explain themselves at the top; below comes the returned letter.
_MAX_TEXT = 20_000

_DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|post[-_.]?master|mdaemon|maildelivery"
    r"|mail[-_.]delivery[-_.]?(?:sub)?system|bounces?|daemon"
    r"|mail-?system|autonotify|microsoftexchange[0-9a-f]+|ndr|dsn|qmaild?)(?:[-+=_.].*)?(?:@|$)",
    re.IGNORECASE,
)
_DAEMON_NAME = re.compile(
    r"mail(?:er)? ?(?:delivery|daemon)|delivery (?:sub)?system|postmaster|system administrator"
    r"|mail administrator|ndr administrator"
    r"|служба доставки|почтов(?:ая|ый) (?:служба|систем|сервер|робот)|администратор (?:почт|систем)"
    r"|systemadministrator",
    re.IGNORECASE,
)
_ROBOT = re.compile(r"(?:no|do-?not)[-_.]?reply|smtp@", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|deliver[a-z]* (?:status|failur|fail|problem|error|report|has failed|notification"
    r"|incomplete|delay)|delivery.{0,12}fail"
    r"|failure (?:notice|delivery)|(?:mail|message|nondeliver\w*) (?:delivery )?(?:fail|error"
    r"|system error|status|could not|not deliver)"
    r"|returned (?:mail|message|to sender|e-?mail)|returning message|non[- ]?deliver|not delivered"
    r"|could not (?:be )?(?:deliver|send)"
    r"|cannot (?:send|be delivered)|unable to deliver|(?:warning|message).{0,60}delayed|delayed mail"
    r"|warning: could not send"
    r"|permanent (?:delivery )?fail|error sending|mail failure|rejected|notification d'état"
    r"|unzustellbar|nicht zugestellt|échec"
    r"|не\s*(?:был[оа]?\s+)?доставлен|недоставлен|не удал?[оа]?[её]?т?ся доставить"
    r"|не удалось доставить|невозможно доставить|ошибка доставки"
    r"|сбой доставки|отчет о (?:не)?доставке|возвращен|уведомление о (?:состоянии доставки|задержке"
    r"|недоставке)|задержк\w* доставки"
    r"|доставка.{0,40}(?:задерж|отлож|не удалась|невозможна)|не може бути доставлен|не вдалося доставити"
    r"|(?:письмо|сообщение|почта).{0,40}(?:отклонен|возвращен)|message.{0,40}blocked|жеткізілмеді"
    r"|(?:письмо|сообщение).{0,20}задержива"
    # The subjects of Exchange and of large providers in other languages.
    r"|non remis|n'a pas pu être (?:remis|distribué)|no se puede entregar|no entregado|correo devuelto"
    r"|impossibile recapitare|non recapitabile|mancata consegna|nie można dostarczyć|niedostarczon"
    r"|não é possível entregar|não entregue|onbestelbaar|kan niet worden (?:bezorgd|afgeleverd)|kan inte levereras"
    r"|kunne ikke leveres|kan ikke leveres|ei voi toimittaa|nedoručiteln|nelze doručit|nie je možné doručiť"
    r"|kézbesíthetetlen|nem kézbesíthető|teslim edilemedi|iletilemedi|imposibil de livrat|недоставимо"
    r"|退信|投递失败|無法傳遞|无法送达|配信不能|配信に失敗|送信できません|반송|배달되지 않음",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"^\s*(?:re|fwd?|fw|ответ|отв|пересл|aw|wg)\s*[:\[]", re.IGNORECASE)
_PROGRAM = re.compile(
    r"this is the (?:\w+ )?(?:qmail-send|postfix|mail delivery|mail system|mail server at|esmtp|smtp|courier"
    r"|machine generated)\w*|i'?m afraid i wasn'?t able to deliver your message"
    r"|this is the mail system at host|this is an automatically generated delivery status"
    r"|this message was created automatically by (?:the )?(?:mail delivery|smtp|mail)"
    r"|this is an informative message sent by|a message that you sent could not be delivered"
    r"|i'?m sorry to have to inform you|the original message was received at"
    r"|your (?:message|mail).{0,120}\s(?:could not be delivered to|did not reach the following)"
    r"|there was an error delivering your"
    r"|your message (?:did not reach|could not be delivered|was not delivered|wasn't delivered"
    r"|cannot be delivered|has encountered delivery)"
    r"|delivery to the following recipients? (?:failed|has been delayed|was aborted)"
    r"|delivery has failed to these recipients"
    r"|the following (?:message|addresses) (?:to|had|could)|failed to deliver to|message from \S+ was not delivered"
    r"|это (?:письмо|сообщение) (?:было )?(?:создано|сформировано|отправлено) автоматически"
    r"|это письмо создано автоматически"
    r"|ваше (?:письмо|сообщение) (?:ещё |еще |пока )?не (?:было|может быть|доставлен)|(?:письмо|сообщение) не (?:было"
    r"|может быть) доставлено"
    r"|не удалось доставить|не удается доставить|произошла ошибка при доставке|сбой доставки"
    r"|к сожалению, ваше (?:письмо|сообщение)"
    r"|доставка (?:следующим|указанным) (?:получателям|адресатам)",
    re.IGNORECASE | re.DOTALL,
)
# Only a program introduces itself so; a person who complains of a lost letter does not.
_SELF = re.compile(
    r"this is the (?:\w+ )?(?:qmail-send|postfix|mail delivery|mail system|esmtp|smtp|courier|dragonfly) ?\w*"
    r"|this message was created automatically by (?:the )?(?:mail delivery|smtp|mail)"
    r"|this is an automatically generated delivery status|i'?m sorry to have to inform you that (?:the|your) message",
    re.IGNORECASE,
)
_FAULT = re.compile(
    r"user unknown|unknown user|no such (?:user|mailbox|recipient|address)|mailbox (?:full|unavailable"
    r"|not found|is full|quota)"
    r"|over quota|quota exceeded|recipient (?:rejected|unknown|not found)|address rejected"
    r"|does not exist|host (?:or domain )?(?:name )?not found"
    r"|unrouteable|permanent (?:fatal )?error|fatal errors|undeliverable|relaying denied"
    r"|account (?:disabled|has been)|invalid recipient"
    r"|connection (?:refused|timed out)|could not be delivered|couldn't be delivered|not be delivered"
    r"|was not delivered|unable to deliver|delivery (?:failed|error)"
    r"|user account is|rejected|no longer (?:valid|in use)|returned to sender|can't accept message"
    r"|failed to deliver|transaction failed|wasn'?t able to deliver"
    r"|not (?:been )?delivered|couldn't find any host|did not reach|incorrectly constructed"
    r"|access denied|spam message"
    r"|не существует|переполнен|не найден|отклонен|недоступен|заблокирован|недоставлен|не доставлен|превышен",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"still being retried|will (?:be retried|continue to (?:be )?(?:try|retr|attempt)|keep trying"
    r"|retry)|not yet been delivered|(?:is|been) delayed"
    r"|delay(?:ed)? (?:\d+|\)|mail)|\(delay\)|no action is required|you do not need to (?:resend|take)"
    r"|delivery attempts will continue"
    r"|warning: (?:message|could not)|warning only|temporarily deferred|status notification: warning|still trying"
    r"|попытки доставки (?:будут )?продолж|будут предприняты (?:повторные|ещё|еще)"
    r"|доставка задерживается|повторять (?:попытки|отправку)"
    r"|задержк\w* доставки|(?:ещё|еще|пока) не доставлен|доставка\b[^.!?]{0,80}\sотложена"
    r"|(?<!не )будут предпринима\w+|(?<!не )продолж(?:им|ит|ать) попытки|повторн\w+ попытк[^.!?]{0,30}(?<!не )буд[еу]т"
    r"|(?:письмо|сообщение) задерживается",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"giving up|given up|gave up|not going to try again|too long|permanent(?:ly)? (?:fatal |fail"
    r"|error)|failed permanently|fatal error"
    r"|aborted after|following this notice.{0,20}(?:removed|deleted)|retry time(?:out)? exceeded"
    r"|max(?:imum)?[ _]?(?:retr|time)|expired",
    re.IGNORECASE,
)
# What servers write of mail that did arrive, where its report bears no fields (C30).
_ARRIVED = re.compile(
    r"^\s*(?:success\w*|delivered|relayed|expanded|доставлено|ретранслировано|remis|zugestellt|entregado|consegnato)\b"
    r"|was successfully (?:delivered|relayed)|успешно доставлен",
    re.IGNORECASE,
)
_AUTOMATIC = re.compile(
    r"out of (?:the )?office|auto(?:matic)?[- ]?(?:reply|response|answer)|vacation|away from|автоответ"
    r"|отпуск|не на месте|нет на месте",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?:^|[\s:<(\[>\"#])([45]\d\d)(?=[\s\-#:,.]+\D)", re.MULTILINE)
_ORIGINAL = re.compile(
    r"(?im)^[ \t>]{0,3}(?:received: |return-path: |-{3,}.{0,10}(?:below this line|this is a copy"
    r"|original|returned|body of|the (?:header|body|text)"
    r"|message header|unsent|исходн|копия|текст)|original message (?:follows|headers?|header)"
    r"|(?:this is a copy|here is a copy|below this line)"
    r"|reporting-mta: |исходное (?:письмо|сообщение)|заголовки (?:исходного )?(?:письма|сообщения)"
    r"|message headers? follow|original-message)"
)
_ALONE = re.compile(
    rf"(?m)^[ \t>*]*(?:\d{{3}}[ -](?:\d\.\d\.\d )?)?<?({ADDRESS.pattern})>?(?:[ \t]*[:,;]"
    rf"|[ \t]*(?:\(.{{0,200}}\))?[ \t.]*$|[ \t]+(?:\.{{2,}}|-|–|\(|on |SMTP|user|mailbox|host)|\.{{3}})",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"(?<!\w)(?:recipients?(?: address)?|rcpt to|to|for|user|mailbox|address|mailed to|addressee"
    rf"|получател\w*|адресат\w*|адрес\w*|ящик\w*|кому|на)"
    rf"(?:[^\S\n]*[:=][^\S\n]*|[\s\"'`«(<]{{1,4}}|[^\S\n]+)[\"'`«(]{{0,2}}(?:rfc822;\s*)?<?({ADDRESS.pattern})",
    re.IGNORECASE,
)


def is_daemon(sender: Address, null_path: bool) -> bool:
    """Is it a mail server by its address, by its name where the letter came from `<>`, or without any sender?"""
    named = null_path and _DAEMON_NAME.search(sender.name) is not None
    return named or _DAEMON.match(sender.addr) is not None or not (sender.addr or sender.name)


def is_robot(sender: Address) -> bool:
    """May it be a machine? Nobody reads answers at the address, or only the display name is a server's.

    A firm's «Почтовая служба» and «Администратор системы» are people with a case to open.
    """
    return _ROBOT.match(sender.addr) is not None or _DAEMON_NAME.search(sender.name) is not None or not sender.addr


def is_report(text: str, subject: str, server: bool, robot: bool, proof: bool) -> bool:
    """Do subject and text say that a letter could not, or not yet, be delivered?

    `server`: a mail server sent it; `robot`: at least nobody did. Any other sender must begin with the words by which
    a mail program introduces itself, unquoted. A subject alone («Прибор возвращен») says nothing, whoever sent it:
    the text has words of a fault, or `proof` says that something else shows the report (the path, its type, whom it
    names).
    """
    top = text[:_MAX_TEXT]
    answered = _ANSWERED.match(subject) is not None
    program = (_PROGRAM if server or robot else _SELF).search(top[:1500])
    if not server:
        # «Прибор возвращен, 550 руб.»: a number alone is no code.
        if robot and _SUBJECT.search(subject) and not answered and code(text) and _is_fault(top):
            return True
        if answered or program is None or program.start() > 400 or re.search(r"(?m)^\s*>", top[: program.end()]):
            return False
    if _AUTOMATIC.search(subject) or _ARRIVED.match(subject) or _ARRIVED.search(top[:1500]):
        return False
    named = _SUBJECT.search(subject) is not None and not answered
    if program is not None:
        return named or _is_fault(top)
    return named and (proof or _is_fault(top))


def _is_fault(top: str) -> bool:
    return _FAULT.search(top) is not None or _STATUS.search(top) is not None


def explanation(text: str) -> str:
    """The server's own words, without the letter it returns."""
    text = text[:_MAX_TEXT]
    found = next((m for m in _ORIGINAL.finditer(text) if m.start() > 40), None)
    return text[: found.start()] if found else text


def recipients(text: str, not_these: frozenset[str]) -> tuple[str, ...]:
    """The addresses that the server's words say it failed for; those that stand alone on a line come first."""
    top = explanation(text)
    robots: tuple[str, ...] = ()
    for pattern in (_ALONE, _NAMED, ADDRESS):
        found = (normal_address((m[1] if pattern is not ADDRESS else m[0]).strip(".'`")) for m in pattern.finditer(top))
        others = tuple(dict.fromkeys(a for a in found if a.lower() not in not_these))
        kept = tuple(a for a in others if not _DAEMON.match(a))
        if kept:
            return kept[:1] if pattern is ADDRESS else kept[:50]
        robots = robots or others[:50]
    if robots:
        # Mail to somebody's postmaster comes back as well.
        return robots
    # Whoever wrote to himself gets a report about his own address.
    return recipients(text, frozenset()) if not_these else ()


def code(text: str) -> str:
    """The first failure code in the server's words: `5.1.1`, or a reply code such as `550`; else empty."""
    top = explanation(text)
    enhanced = next((m[0] for m in _STATUS.finditer(top) if m[1] != "2"), "")
    plain = _REPLY_CODE.search(top)
    return enhanced or (plain[1] if plain else "")


def permanence(text: str, subject: str) -> bool | None:
    """True for given up, False for still being tried, None where the words do not tell."""
    top = explanation(text)
    if _GIVEN_UP.search(top):
        return True
    if _DELAY.search(subject) or _DELAY.search(top[:3000]):
        return False
    return True if code(text).startswith("5") or _FAULT.search(top) or _SUBJECT.search(subject) else None
