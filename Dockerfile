# Embers in an image, for the page and for all commands; docs/containers.md says how to use it.
#   docker build -t embers .
#   docker run --rm -p 8765:8765 embers
FROM python:3.13-slim-bookworm AS build
# Extras of pyproject.toml, such as "[analysis,cluster]".
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY scenarios ./scenarios
COPY embers_lung ./embers_lung
COPY abm ./abm
RUN python -m venv /opt/embers \
    && /opt/embers/bin/pip install --quiet -c constraints.txt ".${EXTRAS}" \
    && /opt/embers/bin/pip uninstall --quiet --yes pip

FROM python:3.13-slim-bookworm
COPY --from=build /opt/embers /opt/embers
RUN useradd --create-home --uid 1000 embers
# Compiled loops are for any processor of this architecture, so that those made below serve wherever the image runs.
ENV PATH=/opt/embers/bin:$PATH \
    EMBERS_CACHE_DIR=/home/embers/.cache/embers \
    NUMBA_CPU_NAME=generic \
    MPLBACKEND=Agg \
    PYTHONUNBUFFERED=1
USER embers
WORKDIR /home/embers
RUN embers compare no_virus influenza --days 1 --replicates 1 --size 400um --no-figures --out /tmp/warm \
    && rm -r /tmp/warm \
    && mkdir outputs
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8765/embers/facts', timeout=4)"]
CMD ["embers", "serve", "--host", "0.0.0.0", "--no-browser"]
