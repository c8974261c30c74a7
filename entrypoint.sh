#!/bin/sh
# Starts one program of the service in a container:
#
#   prepare           migrate, make the roles and the first administrator, and end
#   web               the API and the admin, on port 8000
#   worker, beat      Celery
#   flower            Flower, on port 5555
#   manage ...        a Django command
#   simulate-gateway  the simulated gateway
#
# Anything else is run as it stands. What needs the database waits for it, DATABASE_WAIT_SECONDS (60) at most.
# In place of DATABASE_URL the database may be named in parts: DATABASE (postgres), SQL_HOST, SQL_PORT (5432), SQL_USER,
# SQL_PASSWORD and SQL_DATABASE.
set -eu

wait_for_database() {
    python - <<'PYTHON'
import os
import sys
import time

import environ
import psycopg

url = environ.FileAwareEnv().str("DATABASE_URL", default="").strip()
if not url:
    sys.exit("entrypoint: no database is named. Set DATABASE_URL, or SQL_HOST and the other parts.")
seconds = float(os.environ.get("DATABASE_WAIT_SECONDS") or 60)
deadline = time.monotonic() + seconds
told = None
while True:
    try:
        psycopg.connect(url, connect_timeout=5).close()
        break
    except psycopg.ProgrammingError as error:
        sys.exit(f"entrypoint: DATABASE_URL cannot be read: {error}")
    except psycopg.OperationalError as error:
        why = str(error).strip()
        if error.pgconn is not None and error.pgconn.used_password:  # it is there, and waiting will not change its mind
            sys.exit(
                f"entrypoint: PostgreSQL refuses us: {why}\n"
                "entrypoint: it keeps the user, password and database that it was made with, whatever the environment "
                "says now. Give the same ones, or change them in PostgreSQL."
            )
    if time.monotonic() > deadline:
        sys.exit(f"entrypoint: PostgreSQL did not answer within {seconds:g} s: {why}")
    if why != told:
        print(f"entrypoint: waiting for PostgreSQL: {why}", file=sys.stderr, flush=True)
        told = why
    time.sleep(0.5)
PYTHON
}

# Flower itself takes an empty password for a password.
require_flower_login() {
    case ${FLOWER_BASIC_AUTH:-} in
        ?*:?*) ;;
        *) echo "entrypoint: FLOWER_BASIC_AUTH must be user:password, or everybody could read Flower." >&2; exit 1 ;;
    esac
}

celery="python -m celery --app=soroka.config.celery"

if [ -z "${DATABASE_URL:-}${DATABASE_URL_FILE:-}" ] && [ -n "${DATABASE:-}${SQL_HOST:-}" ]; then
    DATABASE_URL=$(python -m soroka.embedded.database_parts)
    export DATABASE_URL
fi

case ${1:-web} in
    prepare)
        wait_for_database
        exec python -m soroka manage prepare
        ;;
    web)
        wait_for_database
        # Where its processes keep what they count of requests; the figures begin anew with each start.
        export PROMETHEUS_MULTIPROC_DIR=/tmp/soroka-metrics
        rm -rf "$PROMETHEUS_MULTIPROC_DIR"
        mkdir -p "$PROMETHEUS_MULTIPROC_DIR"
        exec python -m granian --interface=wsgi --host=0.0.0.0 --port=8000 --no-ws --workers="${WEB_WORKERS:-2}" \
            --blocking-threads=4 --respawn-failed-workers --workers-kill-timeout=10 soroka.config.wsgi:application
        ;;
    worker)
        wait_for_database
        # A process a pump, and one each for the clock, planning and imports. Where many workers share the pumps,
        # WORKER_PROCESSES says how many each has.
        exec $celery worker --task-events --without-mingle --without-gossip --loglevel="${LOG_LEVEL:-INFO}" \
            --concurrency="${WORKER_PROCESSES:-$((${SOROKA_PUMPS:-2} + 3))}"
        ;;
    beat)
        wait_for_database
        exec $celery beat --loglevel="${LOG_LEVEL:-INFO}" --schedule=/tmp/beat-schedule --pidfile=
        ;;
    flower)
        require_flower_login
        exec $celery flower --address=0.0.0.0 --port=5555
        ;;
    manage)
        wait_for_database
        exec python -m soroka "$@"
        ;;
    simulate-gateway)
        exec python -m soroka "$@"
        ;;
    *)
        exec "$@"
        ;;
esac
