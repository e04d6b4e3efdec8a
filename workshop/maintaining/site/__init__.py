"""`make site`: the workshop in a browser, from a folder: the book, the Road and the Twins.

`build.py` makes the folder. `pages.py` and `book/` make the book, `road.py`, `moves.py`, `colours.py` and `road_page/` make
the Road, `notes.py` what a page says about lines of code, and `links.py` checks the whole.
"""
