"""From figures to what ``prometheus_client`` writes."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from soroka.domain.lateness import BOUNDS
from soroka.metrics.catalogue import Kind, Metric

Labels = TypeVar("Labels", bound=tuple[str, ...])
#: Each third of the bounds that the ledger keeps: a series less for each that is left out.
_EACH = 3


def family(metric: Metric, samples: Mapping[Labels, float]) -> GaugeMetricFamily | CounterMetricFamily:
    """A gauge or a counter. samples: values by those of the labels, in the order of the catalogue."""
    kind = GaugeMetricFamily if metric.kind is Kind.GAUGE else CounterMetricFamily
    made = kind(metric.name, metric.words, labels=metric.labels)
    for labels, value in samples.items():
        made.add_metric(labels, value)
    return made


def plain(metric: Metric, value: float) -> GaugeMetricFamily | CounterMetricFamily:
    """The same without labels."""
    return family(metric, {(): value})


def lateness(metric: Metric, histograms: Mapping[str, tuple[Sequence[float], float]]) -> HistogramMetricFamily:
    """A histogram by gateway. histograms: messages by bucket of lateness, and the sum of it in seconds."""
    made = HistogramMetricFamily(metric.name, metric.words, labels=metric.labels)
    for gateway, (counts, total) in histograms.items():
        reached = list(accumulate(counts))
        buckets = [(f"{bound:.4g}", reached[place]) for place, bound in list(enumerate(BOUNDS))[::_EACH]]
        made.add_metric([gateway], [*buckets, ("+Inf", reached[-1])], total)
    return made
