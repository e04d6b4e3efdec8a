from .models import Order


class DjangoGiftNoteRepository:
    def save(self, order_id, text):
        Order.objects.filter(pk=order_id).update(gift_note=text)
