# One image for every program of the service; entrypoint.sh says which.
FROM python:3.11-slim

ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

# A fixed number, so that an orchestrator can see that it is not root, and volumes keep their owner.
RUN groupadd --gid 10001 soroka && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /app soroka

WORKDIR /app

# Before the code: a changed line of code does not install everything anew.
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt

COPY bin bin
COPY entrypoint.sh manage.py ./
COPY soroka soroka
# The programs run as a user who cannot write here, and would compile the code at every start.
RUN python -m compileall -q soroka

# Where a volume for backups is mounted, which takes over whose it is.
RUN install --directory --owner=10001 --group=10001 /backups

USER 10001:10001
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["web"]
