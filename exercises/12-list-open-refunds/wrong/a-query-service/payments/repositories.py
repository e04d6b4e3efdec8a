from .models import Refund
from .ports import OpenRefund


class DjangoRefundReader:
    def open(self, provider):
        refunds = Refund.objects.filter(status__in=Refund.OPEN).select_related("payment__merchant")
        if provider is not None:
            refunds = refunds.filter(payment__provider=provider)
        return [self._as_open(refund) for refund in refunds.order_by("requested_at", "pk")]

    def _as_open(self, refund):
        return OpenRefund(
            id=refund.pk,
            merchant=refund.payment.merchant.name,
            provider=refund.payment.provider,
            amount=f"{refund.amount:.2f}",
            currency=refund.payment.currency,
            requested_at=refund.requested_at.isoformat(),
        )
