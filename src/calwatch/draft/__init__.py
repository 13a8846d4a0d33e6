"""The words: who is written to, in which thread and language, what the letter says, and whether it is courteous.

The pipeline uses, in this order::

    recipient.choose(interview, messages, *, me_emails, invitation) -> Recipient
    zone.recipient_zone(interview, messages, *, invitation, user_zone) -> ZoneGuess | None
    language.choose(messages, recognition, *, allowed) -> str
    language.formality(messages, *, me_emails) -> Formality
    reason.choose(situation, occasion, options, *, language, first_language) -> str | None
    compose.compose(brief) -> Letter
    compose.relist(letter, slots, brief, *, gone=()) -> Letter  the person switched times; their edits stay
    compose.recompose_intent(letter, intent, brief) -> Letter   the person switched the variant
    phone.relation_by_phone(messages, *, me_emails) -> bool     for ``Brief.phone_relation``
    etiquette.check(letter, context) -> tuple[Finding, ...]
    etiquette.blocked(findings) -> bool
    wording.problems_of(folder) -> tuple[str, ...]              what is wrong with the person's own templates

with ``EtiquetteContext(*, other_names=(), own_names=(), thread_text="", sensitive=(), user_name="", now=None,
respond_by=None)``; every field has a default.
"""
