from django.db import models


class Note(models.Model):
    """A short text about an object: an order today, a product or a customer later."""

    subject = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    text = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "subject_id"], name="one_note_each")]

    def __str__(self):
        return self.text


def note_of(subject, subject_id):
    note = Note.objects.filter(subject=subject, subject_id=subject_id).first()
    return note.text if note else ""
