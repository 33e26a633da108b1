"""Four stations around one database; between them, one pure function that says what a letter becomes.

    IMAP --fetch--> raw file + mail row --handle--> case + events + outbox row --send--> SMTP
                                            |                                     tidy --> IMAP
              bytes -> Letter -> decide(letter, facts, config) -> Decision -> apply

Imports go one way (checked by import-linter): `words` knows nothing; `mail` and `store` know `words` and
`config` but not each other; `rules` are pure; stations, commands, jobs and reports use them; `daemon` and
`cli` know everything.
"""

__version__ = "0.1.0"
