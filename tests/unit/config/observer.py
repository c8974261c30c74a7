"""A server that keeps what is posted to it, and a process with the settings of the service that posts."""

import gzip
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Observer:
    """What stands for a Sentry or a collector of traces."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, bytes]] = []
        observer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                observer.posted.append((self.path, body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing is said of it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.port = self._server.server_address[1]

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


def run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run lines of Python with Django set up; nothing is asked of a database or a broker."""
    environment = {
        "PATH": os.environ["PATH"], "SECRET_KEY": "a key of the tests, long enough for anything",
        "DATABASE_URL": "postgresql://none", "REDIS_URL": "redis://none",
        "DJANGO_SETTINGS_MODULE": "soroka.config.settings", "ALLOWED_HOSTS": "127.0.0.1", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", code], env=environment | env, capture_output=True, text=True, timeout=60, check=False
    )
