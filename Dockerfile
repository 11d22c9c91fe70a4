# The hub as an image: what it runs on and nothing else. Configuration, secrets and data come in from outside.
# docker build -t contact-hub .
FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/hub
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN /opt/hub/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY connectors connectors
COPY mapping mapping
COPY dedupe dedupe
COPY hub hub
RUN /opt/hub/bin/pip install --no-deps --no-build-isolation .


FROM python:3.13-slim

RUN useradd --system --uid 10001 --create-home --home-dir /srv/hub --shell /usr/sbin/nologin hub
COPY --from=build /opt/hub /opt/hub
ENV PATH="/opt/hub/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /srv/hub
EXPOSE 8448
STOPSIGNAL SIGTERM

# of `hub web` and `hub up`; a worker or scheduler has no page, and its service in compose.yaml says so
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8448/healthz', timeout=3)"]

ENTRYPOINT ["hub"]
CMD ["up", "--host", "0.0.0.0"]
