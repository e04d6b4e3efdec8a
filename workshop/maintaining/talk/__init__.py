"""`make talk`: the slides of a talk and its speaker view, made from the pages of the repository.

`script/` says which parts of the pages a row of a schedule shows, and what to say. `script.py` reads it, `rows.py` makes
the slides of the other rows, `content.py` and `code.py` make a slide's HTML, `deck.py` writes the folder, `fit.py` opens
every slide in Chromium. `assets/reveal/` is reveal.js, which is not ours.
"""
