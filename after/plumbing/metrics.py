"""The Prometheus text format (exposition format 0.0.4) for gauges that are read when asked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest


@dataclass(frozen=True)
class Gauge:
    """One gauge: a value for each label value, or one value under the label value "" if `label` is None."""

    name: str
    help: str
    label: str | None = None
    values: dict[str, float] = field(default_factory=dict)


def metrics_view(read_gauges: Callable[[], Iterable[Gauge]]) -> Callable[[HttpRequest], HttpResponse]:
    """The view that reads the gauges afresh for every scrape, so that any process answers the same."""

    class Collector:
        def collect(self) -> Iterable[GaugeMetricFamily]:
            for gauge in read_gauges():
                family = GaugeMetricFamily(gauge.name, gauge.help, labels=[gauge.label] if gauge.label else [])
                for label_value, value in gauge.values.items():
                    family.add_metric([label_value] if gauge.label else [], value)
                yield family

        def describe(self) -> Iterable[GaugeMetricFamily]:
            return []

    registry = CollectorRegistry()
    registry.register(Collector())  # type: ignore[arg-type]

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return view
