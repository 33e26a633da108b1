"""The words with which mail programs surround older mail, in the languages they speak; `clients` tests by them.

From the programs' own translations (C71): each alternative stands where a program writes it, never for good measure.
"""

from __future__ import annotations

LABELS = {
    "from": (
        "from|expeditorul|emetteur|absender|remetente|desde|от|от кого|отправитель|von|de|de la|da|od|fra|"
        "från|van|lähettäjä|feladó|gönderen|kimden|šalje|pošiljatelj|від|від кого|mittente|expéditeur|"
        "expeditor|remitente|nadawca|odosielateľ|odesílatel|από|发件人|寄件者|寄件人|差出人|보낸 사람|кімнен|ад|"
        "подател|nuo|saatja|"
        "από|từ|מאת|من|de către"
    ),
    "date": (
        "sent|date|отправлено|дата|дата отправки|gesendet|datum|envoyé|envoyé le|enviado|enviado el|"
        "enviada em|fecha|data|inviato|verzonden|skickat|dato|sendt|päiväys|päivämäärä|lähetetty|dátum|"
        "elküldve|küldve|tarih|gönderme tarihi|odesláno|odoslané|wysłano|poslano|відправлено|надіслано|"
        "trimis|dată|data trimiterii|message du|sent at|发送时间|日期|寄件日期|送信日時|보낸 날짜|жіберілген|күні|"
        "адпраўлена|изпратено|"
        "gönderildi|siųsta|saatmisaeg|kuupäev|poslato|datums|nosūtīts|"
        "σταλθηκε|στάλθηκε|ημερομηνία|đã gửi|ngày|נשלח|תאריך|التاريخ|تاريخ الإرسال|отправленные"
    ),
    "to": (
        "to|кому|an|à|a|para|aan|till|til|do|komu|pre|prima|címzett|vastaanottaja|alıcı|kime|către|"
        "destinatario|destinataire|destinatarul|destinatar|empfänger|получатель|收件人|收件者|宛先|받는 사람|"
        "кімге|каму|kam|"
        "adressaat|saaja|προς|đến|אל|إلى"
    ),
    "cc": (
        "cc|копия|копии|kopie|kopi|kopia|kopio|másolat|másolatot kap|másolatot kapnak|kópia|копія|dw|"
        "copie à|copia|cco|bcc|скрытая копия|bilgi|抄送"
    ),
    "subject": (
        "subject|тема|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|tárgy|konu|"
        "předmět|predmet|temat|naslov|subiect|subiectul|titel|θέμα|主题|主旨|件名|제목|тақырып|тэма|относно|"
        "teema|tema|tēma|"
        "chủ đề|נושא|الموضوع"
    ),
    "other": (
        "reply-to|importance|важность|приоритет|attachments|вложения|priority|organization|организация|"
        "resent-from|antwort an|répondre à|on behalf of|newsgroups|message-id|return-path"
    ),
}
ORIGINAL_WORDS = (
    r"original message|original[- ]nachricht|ursprüngliche nachricht|oprindelig meddelelse|originalmeddelande"
    r"|ursprungligt meddelande|message d.origine|message original|mensaje original|mensagem original"
    r"|messaggio originale"
    r"|oorspronkelijk bericht|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna"
    r"|původní zpráva|pôvodná správa"
    r"|eredeti üzenet|orijinal mesaj|оригінальне повідомлення|вихідне повідомлення"
    r"|исходное сообщение|оригинал сообщения|оригинальное сообщение|original appointment"
    r"|исходная встреча|исходное письмо"
    r"|^original$|原始邮件|原邮件|原始郵件|元のメッセージ|원본 메시지|первоначално съобщение"
    r"|originali žinutė|algne sõnum|оригинална порука"
    r"|бастапқы хабар|предыдущее сообщение|reply message|ответ на сообщение"
    r"|^сообщение от\s[^<>]{0,60}<?\S{1,60}@|ответ выше этой линии|reply above this line"
)
FORWARD_WORDS = (
    r"forwarded message|forwarded mail|forwarded by [^-]{1,60}|begin forwarded message|fwd\.?msg"
    r"|пересылаемое сообщение|перенаправленное сообщение|пересланное сообщение|переадресованное сообщение"
    r"|пересылаемое письмо|пересланное письмо|конец пересылаемого сообщения|начало переадресованного сообщения"
    r"|начало пересланного сообщения|перенаправлене повідомлення|переслане повідомлення|переслано"
    r"|қайта жіберілген хабар|переадресоване повідомлення|перасланае паведамленне|препратено съобщение"
    r"|прослеђена порука|prosleđena poruka|posredovano sporočilo|persiųst(?:as laiškas|a žinutė)|pārsūtītais? ziņojums"
    r"|edastatud (?:kiri|sõnum)|προωθημένο μήνυμα|chuyển tiếp|הודעה שהועברה"
    r"|转发邮件|转发的邮件|轉寄郵件|転送メッセージ|전달된 메시지"
    r"|текст (?:пересылаемого|оригинального) (?:сообщения|письма)|исходный текст (?:письма|сообщения)"
    r"|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|message transféré|message transmis"
    r"|début du message (?:réexpédié|transféré)|mensaje reenviado|inicio del mensaje reenviado|messaggio inoltrato"
    r"|inizio messaggio inoltrato|mensagem (?:encaminhada|reencaminhada)"
    r"|início da mensagem (?:encaminhada|reencaminhada)"
    r"|doorgestuurd bericht|begin doorgestuurd bericht|vidarebefordrat (?:meddelande|brev)|vidarebefordrat mejl"
    r"|videresendt (?:melding|meddelelse|besked)|videresendt e-mail|välitetty viesti|továbbított (?:üzenet|levél)"
    r"|przekazana wiadomość|przesłana dalej wiadomość|přeposlaná zpráva|preposlaná správa|proslijeđena poruka"
    r"|edelleenlähetetty viesti|treść przekazanej wiadomości|iletilmiş (?:mesaj|ileti)"
    r"|iletilen (?:mesaj|ileti)|yönlendirilmiş ileti|mesaj redirecționat|mesaj redirecţionat"
)
FORWARD_SENTENCES = (
    r"начало пересылаемого сообщения|начало (?:переадресованного|пересланного) сообщения|välitetty viesti alkaa"
    r"|začátek přeposílané zprávy|začiatok preposlanej správy|započni proslijeđenu poruku"
    r"|rozpoczęcie przekazanej wiadomości"
    r"|początek przekazywanej wiadomości|továbbított levél kezdete|početak proslijeđene poruke"
    r"|inline forwarded message"
    r"|starten på det videresendte|start på videresendt|videresendt besked|vidarebefordrat mejl"
    r"|început mesaj redirecționat"
    r"|iletilmiş mesajın başlangıcı|iletilen e-posta başlangıcı|începe mesajul redirecționat"
    r"|starten på videresendt melding|start på videresendt besked|початок листа, що пересилається"
    r"|начало перенаправленного сообщения|початок переадресованого повідомлення"
)
"""What Apple writes over a forwarded letter, a colon behind it."""
VERB = (
    r"wrote|writes|said|schrieb|geschrieben|a écrit|escribió|ha scritto|scrisse|schreef"
    r"|heeft geschreven|escreveu|skrev"
    r"|napisał(?:\(a\))?a?|pisze|napsala?|napsal\(a\)|napísal\(a\)|napísala?|написала?|написал\(-?а\)"
    r"|написав(?:\(ла\))?|писала?|писал\(-?а\)"
    r"|пишет|пише|пишете|kirjoitti|írta|yazdı|je napisao|a scris|έγραψε|写道|寫道|написа|піша|је написао(?:/ла)?|rašė|"
    r"rakstīja|kirjutas|yozdi|đã viết|님이 작성|жазды|сообщал\(?а?\)?|цитирую"
)
