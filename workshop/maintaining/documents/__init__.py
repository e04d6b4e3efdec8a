"""What the documents show is so: excerpts, figures, transcripts, schedules, the form of a page."""
