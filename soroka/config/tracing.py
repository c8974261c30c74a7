"""Traces of requests and tasks for OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT names a collector.

All else is told by the variables that OpenTelemetry itself reads: OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and so on.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from soroka.config.logs import hidden

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter

#: What of a request says who asked, or may hold a phone. The route stays.
_LEFT_OUT = {
    "client.address", "http.client_ip", "http.target", "http.url", "http.user_agent", "net.peer.ip", "net.peer.port",
    "network.peer.address", "network.peer.port", "url.full", "url.path", "url.query", "user_agent.original",
}  # fmt: skip


def start() -> None:
    """Trace this process from now on; nothing where no collector is named. Raises ImproperlyConfigured.

    To be called once in each process that does the work, never before it forks: what sends the traces is a thread.
    """
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.celery import CeleryInstrumentor
        from opentelemetry.instrumentation.django import DjangoInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ImproperlyConfigured(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set and {error.name} is not installed: pip install 'soroka[otel]', or "
            "leave it empty."
        ) from None
    os.environ.setdefault("OTEL_SERVICE_NAME", "soroka")
    provider = TracerProvider(resource=Resource.create())
    provider.add_span_processor(BatchSpanProcessor(_without_persons(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]


def _without_persons(exporter: "SpanExporter") -> "SpanExporter":
    """The exporter, which is given no span but without phones, links, addresses and queries."""
    export = exporter.export
    exporter.export = lambda spans: export([_scrubbed(span) for span in spans])  # type: ignore[method-assign]
    return exporter


def _scrubbed(span: "ReadableSpan") -> "ReadableSpan":
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.trace import Status

    events = [Event(event.name, _kept(event.attributes), event.timestamp) for event in span.events]
    said = span.status.description
    return ReadableSpan(
        name=hidden(span.name), context=span.context, parent=span.parent, resource=span.resource,
        attributes=_kept(span.attributes), events=events, links=span.links, kind=span.kind,
        status=Status(span.status.status_code, hidden(said) if said else None), start_time=span.start_time,
        end_time=span.end_time, instrumentation_scope=span.instrumentation_scope,
    )  # fmt: skip


def _kept(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: hidden(value) for name, value in (attributes or {}).items() if name not in _LEFT_OUT}
