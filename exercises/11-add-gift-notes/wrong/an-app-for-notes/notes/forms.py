from django import forms


class NoteForm(forms.Form):
    gift_note = forms.CharField(max_length=200, required=False)
