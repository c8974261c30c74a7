"""What a collector of OpenTelemetry is told of requests and tasks, and what not."""

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.unit.config.observer import Observer, run

REQUEST = """
from soroka.config.wsgi import application
from wsgiref.util import setup_testing_defaults
request = {
    "PATH_INFO": "/livez", "QUERY_STRING": "phone=79161234567", "REMOTE_ADDR": "203.0.113.7",
    "HTTP_USER_AGENT": "curious",
}
setup_testing_defaults(request)
b"".join(application(request, lambda *_: None))
"""
TASK = """
import django
django.setup()
from celery.signals import worker_process_init
from soroka.config.celery import app

@app.task(name="soroka.tasks.fail")
def fail():
    raise ValueError("Key (phone)=(79161234567) already exists.")

worker_process_init.send(sender=None)
fail.apply()
"""
RING = """
import soroka.config.wsgi
from opentelemetry import trace
from soroka.config.celery import app
from soroka.tasks import ring_planning

app.conf.broker_transport_options = {}
with trace.get_tracer("test").start_as_current_span("request") as span:
    ring_planning(5)
with app.connection_for_read() as connection:
    headers = connection.default_channel.basic_get("planning").headers
assert f"{span.get_span_context().trace_id:032x}" in headers["traceparent"]
"""
FLUSH = "from opentelemetry import trace; trace.get_tracer_provider().force_flush()"


@pytest.fixture
def collector():
    observer = Observer()
    yield observer
    observer.close()


def told(collector, code, **env):
    """The spans that the lines lead to, by name, with their attributes."""
    done = run(code + FLUSH, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}", **env)
    assert done.returncode == 0, done.stderr
    spans = {}
    for path, body in collector.posted:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            assert ("service.name", "soroka") in {
                (one.key, one.value.string_value) for one in resource.resource.attributes
            }
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                spans[span.name] = {one.key for one in span.attributes}
    return spans


def test_a_request_is_told_by_its_route_and_without_who_asked(collector):
    [(name, attributes)] = told(collector, REQUEST).items()
    assert name == "GET livez"
    assert "http.route" in attributes
    posted = b"".join(body for _, body in collector.posted)
    for secret in (b"9161234567", b"203.0.113.7", b"curious"):
        assert secret not in posted


def test_a_task_is_told_and_its_error_without_a_phone(collector):
    assert "run/soroka.tasks.fail" in told(collector, TASK)
    posted = b"".join(body for _, body in collector.posted)
    assert b"Key (phone)=([number]) already exists." in posted
    assert b"9161234567" not in posted


def test_planning_belongs_to_the_trace_of_its_request(collector):
    assert "request" in told(collector, RING, REDIS_URL="memory://")


def test_nothing_is_traced_where_no_collector_is_named():
    done = run(REQUEST + "import sys; sys.exit('opentelemetry.instrumentation.django' in sys.modules)")
    assert done.returncode == 0, done.stderr


def test_a_collector_without_the_packages_stops_the_start_and_says_what_to_install():
    code = "import sys; sys.modules['opentelemetry'] = None; import soroka.config.wsgi"
    done = run(code, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    assert done.returncode != 0
    assert "pip install 'soroka[otel]'" in done.stderr
