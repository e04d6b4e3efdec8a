"""`./ws take PATTERN PATH`: a starter of a pattern for the reader's own Django project, in the names of that project.

Their code is read as text. Nothing of it is imported or run, and no file of theirs is changed: a starter is new files only.
"""
