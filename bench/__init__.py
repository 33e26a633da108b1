"""The benchmark: how fast, at what cost and for how long, each figure beside a floor measured in the same run.

    make bench                                  every part, about ten minutes
    make bench ARGS=--quick                     a look, about two minutes
    make soak MINUTES=30                        mail, faults and kills mixed

`load` makes the letters, `servers` a private Dovecot and SMTP sink, `program` runs mailcase as its operator does,
`floor` is the least that any Python intake of the same durability must do. A speed counts only where `check` finds
every letter right.
"""
