"""What a letter is: an inquiry or a complaint, of which kind, how urgent, and how sure we are.

Rules on words first, then the trained model, which takes what the rules found as signs beside the words; every verdict
carries the words that led to it. The costly error is a complaint read as something else, so any doubt about it sets
`check`. Pure: the same letter always gives the same judgement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain

from mailcase.config import Classify, Config
from mailcase.mail.letter import Letter
from mailcase.rules import classify_model, model
from mailcase.rules import classify_traits as traits
from mailcase.rules.classify_letter import judged_words
from mailcase.rules.classify_words import Found, OwnWords, Pieces, Sign, find, load, plain, quoted
from mailcase.rules.decision import Judgement, Reason
from mailcase.rules.features import features
from mailcase.rules.model import Model
from mailcase.rules.newest import newest, sentences
from mailcase.rules.writer import without_provider
from mailcase.words import Kind, Register

_COMPLAINT = load("complaint")
_KINDS = load("kinds")
_PATTERNS = _KINDS.patterns

_SAYS = {"требует возмещения": "redress", "срок": "deadline", "основание": "basis", "угроза": "threat"}
_DEMANDS = tuple(Sign(name, 1, _COMPLAINT.phrases[key]) for name, key in _SAYS.items())
"""What a claim asks for or leans on."""

_OWN = "слово из настройки"
"""The sign that a word of the configuration gives."""
_RULES = "правила взаимодействия"
"""The sign that somebody asks for our rules."""
_ENOUGH = 3
"""Points that convince (see words_complaint.toml)."""

_LONGEST = 20_000
"""Characters that are read: who is angry says so sooner, and a pasted log must not take minutes."""

_COVERING = 80
"""Characters below which a letter only says what it brings."""

_TELLING = 2
"""Points below which a kind is not told by its words: then a question is a consultation, anything else is filed."""

# Order decides between equal scores: what changes an order or asks for work must not wait among papers.
_INQUIRIES = (
    Kind.SUGGESTION, Kind.ORDER_CHANGE, Kind.REQUEST, Kind.CONSULTATION, Kind.CORRESPONDENCE, Kind.FEEDBACK,
)  # fmt: skip

_PREFIXES = re.compile(r"^((re|fwd?|aw|ha|на|отв|ответ|пересл)(\[\d+\])?: ?)+")


def classify(letter: Letter, config: Config, trained: Model | None = None) -> Judgement:
    """Judge the new words of a letter, with its subject as weak evidence; by the shipped model unless one is given."""
    return classify_text(*judged_words(letter), letter.lang, config, trained, letter.signature)


def classify_text(
    sender: str, subject: str, text: str, lang: str = "ru", config: Config | None = None, trained: Model | None = None,
    signature: str = "",
) -> Judgement:  # fmt: skip
    """Judge a text; `sender` is `Name <address>`, `text` the new words (quotations are left out of account).

    Of a `signature` that was cut off the text only the form of a firm is read.
    """
    own = config.classify if config else Classify()
    who, words = _read(sender, subject, text, own)
    found = ruled = _ruled(who, words)
    trained = trained or model.shipped()
    writers = None
    if trained:
        named = _features(who, words, ruled, config)
        known = trained.known(named)
        writers = trained.writer.probabilities(known)
        if not any(_OWN in reason.why for reason in ruled.reasons) and not _asks_for_rules(ruled, words):
            found = classify_model.weighed(ruled, named, known, trained)
    read = replace(words.read_of(who), signature=plain(signature))
    return traits.complete(_as_called(found, ruled, words), read, config, writers)


def displeased(letter: Letter, config: Config) -> bool:
    """Whether any word speaks of dissatisfaction with us, however many others outweigh it."""
    return bool(_read(*judged_words(letter), config.classify)[1].angry.hits)


def rules_alone(sender: str, subject: str, text: str) -> Judgement:
    """The rules' verdict, as it was before there was a model: what the model is measured against."""
    who, words = _read(sender, subject, text, Classify())
    return traits.complete(_ruled(who, words), words.read_of(who), None, None)


def features_of(sender: str, subject: str, text: str) -> dict[str, list[str]]:
    """What the model reads in a letter, for the training."""
    who, words = _read(sender, subject, text, Classify())
    return _features(who, words, _ruled(who, words), None)


def _read(sender: str, subject: str, text: str, own: Classify) -> tuple[str, _Words]:
    title = _PREFIXES.sub("", plain(subject))
    return plain(sender), _Words(title, newest(plain(text[:_LONGEST])) or title, own)


def _ruled(who: str, words: _Words) -> Judgement:
    return _machine(who, words) or _dissatisfied(words) or _inquiry(words)


def _features(who: str, words: _Words, ruled: Judgement, config: Config | None) -> dict[str, list[str]]:
    """The features of a letter, with what the rules found in it as signs."""
    others = (f"ф:{name}" for name, phrases in _COMPLAINT.phrases.items() if phrases.search(words.parts))
    robots = (f"о:{name}" for name in ("robot_sender", "authority") if _PATTERNS[name].search(who))
    found = classify_model.signs(
        ruled, words.angry, words.found, chain(others, robots, traits.signs(words.read_of(who), config))
    )
    return features(words.title, words.body, without_provider(who), found)


@dataclass(frozen=True)
class _Words:
    """The words on the table in plain letters, and what is read from them more than once."""

    title: str
    body: str
    own: Classify

    def read_of(self, who: str) -> traits.Read:
        """As the rules of topics, writers and risks take them."""
        return traits.Read(who=who, title=self.title, body=self.body, text=self.parts)

    @cached_property
    def parts(self) -> Pieces:
        """Title and body."""
        return Pieces((self.title, self.body))

    @cached_property
    def sentences(self) -> Pieces:
        """The body, sentence by sentence."""
        return Pieces(sentences(self.body))

    @cached_property
    def blamed(self) -> Pieces:
        """The sentences that may blame us, peaceful words left out."""
        peace = _COMPLAINT.phrases["peace"]
        if peace.search_text(self.body) is None:
            return Pieces(_about_us(self.sentences.texts))
        return Pieces(_about_us(sentences(peace.pattern.sub(" ", self.body))))

    @cached_property
    def angry(self) -> Found:
        """Signs of dissatisfaction with us."""
        signs = (*_COMPLAINT.tables["complaint"], *_own_words(_OWN, self.own.complaint))
        return find(signs, self.blamed)

    @cached_property
    def found(self) -> dict[str, Found]:
        """What each table of kinds finds in title and body."""
        return {table: find(signs, self.parts) for table, signs in _KINDS.tables.items()}


def _machine(who: str, words: _Words) -> Judgement | None:
    """Mail of servers and robots, and advertising; None for anything that a person may have meant for us."""
    robot = bool(_PATTERNS["robot_sender"].search(who))
    bounce = words.found["bounce"]
    if bounce.score >= _ENOUGH + (0 if robot else 2):
        return _verdict(Kind.BOUNCE, bounce)
    auto = words.found["auto"]
    authority = _PATTERNS["authority"].search(f"{who} {words.title}")
    # A person may quote one robot's phrase («пишут: не отвечайте на это письмо»); two make a robot.
    if auto.score >= _ENOUGH + (-1 if robot else 1) and not authority and (robot or words.angry.score < _ENOUGH):
        return _verdict(Kind.AUTO, auto)
    spam = find((*_KINDS.tables["spam"], *_own_words(_OWN, words.own.spam)), words.parts)
    # Advertising needs two signs, and asking us for our own work outweighs all but a dangerous file.
    dangerous = "вредоносное вложение" in str(spam)
    if len(spam.hits) > 1 and spam.score > _ENOUGH and (dangerous or not _PATTERNS["ours_work"].search(words.body)):
        return _verdict(Kind.SPAM, spam)
    return None


def _about_us(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """The sentences that may blame us: not what others did, what might happen, or what the sender did himself."""
    words = _COMPLAINT.phrases
    kept: list[str] = []
    others = False
    for sentence in sentences:
        # «Там ошибка в номере» goes on about whoever the sentence before was about.
        others = bool(words["third_party"].search_text(sentence) or (others and words["goes_on"].search_text(sentence)))
        supposed = sentence.endswith("?") and words["hypothetical"].search_text(sentence)
        excused = others or words["own_fault"].search_text(sentence)
        if not supposed and (not excused or words["to_us"].search_text(sentence)):
            kept.append(sentence)
    return tuple(kept)


def _dissatisfied(words: _Words) -> Judgement | None:
    angry, demand = words.angry, _demand(words)
    if demand and angry.score + len(demand.hits) >= _ENOUGH:
        return _verdict(Kind.CLAIM, demand, angry)
    if angry.score >= _ENOUGH + _forgiving(words):
        return _verdict(Kind.COMPLAINT, angry)
    return None


def _as_called(found: Judgement, ruled: Judgement, words: _Words) -> Judgement:
    """Papers that call themselves a complaint or an order are one; of other letters that do a person is asked."""
    called = _COMPLAINT.phrases["called"]
    if found.register is not Register.INQUIRY:
        return found
    said = called.search(words.blamed)
    bare = len(words.body) < _COVERING and ruled.kind is Kind.CORRESPONDENCE
    papers = bare or found.kind is Kind.CORRESPONDENCE
    if papers and said:
        kind = Kind.COMPLAINT if "жалоб" in said[0] else Kind.CLAIM
        reason = Reason(f"classify.{kind.value}", f"письмо само называет себя так: «{quoted(said)}»")
        return replace(found, kind=kind, confidence=0.7, check=True, reasons=(reason,))
    if papers and (order := _KINDS.phrases["order_enclosed"].search(words.sentences)):
        reason = Reason("classify.request", f"письмо приносит заявку: «{quoted(order)}»")
        return replace(found, kind=Kind.REQUEST, reasons=(reason, *found.reasons[1:]))
    if not found.check and (name := said or called.search_text(words.title)):
        # Work may be asked for because of somebody's complaint («жалоба жильцов на шум»): a person looks.
        doubt = Reason("classify.doubt", f"возможно недовольство: «{quoted(name)}»")
        return replace(found, confidence=min(found.confidence, 0.5), check=True, reasons=(*found.reasons, doubt))
    return found


def _asks_for_rules(ruled: Judgement, words: _Words) -> bool:
    """Whether somebody calmly asks how we work with customers (A2): of so few words the model knows nothing."""
    calm = ruled.kind is Kind.CONSULTATION and not words.angry.hits
    return calm and any(_RULES in reason.why for reason in ruled.reasons)


def _forgiving(words: _Words) -> int:
    """How much more it takes to see dissatisfaction in a letter that praises us or admits the sender's own mistake."""
    body = words.body
    praise = find(_KINDS.tables["feedback"], words.sentences)
    praises = praise.score > _ENOUGH and "?" not in body and not _PATTERNS["wrapped"].search(body)
    return 2 if praises or _COMPLAINT.phrases["own_fault"].search_text(body) else 0


def _demand(words: _Words) -> Found | None:
    """What makes a claim: redress asked by a date or on a ground, or a threat of court or authority."""
    rows, title = (*_DEMANDS, *_own_words(_OWN, words.own.claim)), f"{words.title}."
    seen = {name for pieces in (Pieces((title,)), words.blamed) for name, _, _ in find(rows, pieces).hits}
    if not seen - {"срок", "основание"}:
        return None
    found = find(rows, Pieces((" ".join((title, *words.blamed.texts)),)))  # «п. 4.4 договора» is no end of a sentence
    shown = {name for name, _, _ in found.hits}
    redress = "требует возмещения" in shown and shown & {"срок", "основание"}
    return found if redress or shown & {"угроза", _OWN} else None


def _inquiry(words: _Words) -> Judgement:
    """The kind of inquiry with most points; the subject counts half."""
    best, most, seen = Kind.CORRESPONDENCE, 0.0, Found(())
    runner_up = 0.0
    title, own_request = Pieces((words.title,)), _own_words(_OWN, words.own.request)
    for kind in _INQUIRIES:
        signs = _KINDS.tables[kind.value]
        signs = (*signs, *own_request) if kind is Kind.REQUEST else signs
        found = find(signs, words.sentences)
        points = found.score + find(signs, title).score / 2
        if points > most:
            best, most, seen, runner_up = kind, points, found, most
        else:
            runner_up = max(runner_up, points)
    if most < _TELLING:
        best = Kind.CONSULTATION if "?" in words.body else Kind.CORRESPONDENCE
    angry = words.angry
    sure = min(0.95, 0.5 + 0.1 * (most - runner_up)) if most >= _ENOUGH else 0.4
    reasons = (Reason(f"classify.{best.value}", str(seen) or "нет характерных слов"),)
    if angry.score < _ENOUGH - 1:
        return Judgement(best, sure, check=sure <= 0.4, reasons=reasons)
    doubt = Reason("classify.doubt", f"возможно недовольство: {angry}")
    return Judgement(best, min(sure, 0.5), check=True, reasons=(*reasons, doubt))


def _own_words(name: str, words: tuple[str, ...]) -> tuple[Sign, ...]:
    """The laboratory's own words of the configuration as one convincing sign."""
    if not words:
        return ()
    return (Sign(name, _ENOUGH, _own_phrases(words)),)


@lru_cache(maxsize=16)
def _own_phrases(words: tuple[str, ...]) -> OwnWords:
    return OwnWords(re.compile("|".join(re.escape(plain(word)) for word in words)))


def _verdict(kind: Kind, *found: Found) -> Judgement:
    """A verdict of this kind, the surer the more was found."""
    points = sum(f.score for f in found)
    why = "; ".join(str(f) for f in found if f.hits)
    sure = min(0.97, 0.5 + 0.07 * points)
    doubtful = kind.register is Register.COMPLAINT and points <= _ENOUGH
    return Judgement(kind, sure, check=doubtful, reasons=(Reason(f"classify.{kind.value}", why),))
