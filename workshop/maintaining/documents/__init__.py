"""Checks that keep the documents true: excerpts, figures, transcripts, schedules, the form of a page."""
