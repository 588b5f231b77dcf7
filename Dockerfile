# The image of Bongsu: the bot, the playground, and Debian's Chromium for pictures of dashboards. arm64 and amd64.
#
#   docker build -t bongsu .
#
# Everything comes from Debian and PyPI. Behind a mirror: --secret id=pip,src=pip.conf, --secret id=ca,src=ca.crt.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv python3-pip ca-certificates
# No pip in what is shipped; ours installs into it from outside.
RUN python3 -m venv --without-pip /opt/bongsu
WORKDIR /src
COPY pyproject.toml constraints.txt ./
RUN python3 -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; e = p['optional-dependencies']; print(*p['dependencies'], *e['ai'], *e['oncall'], *e['pictures'], sep='\n')" > requirements.txt
# Wheels only: a package that would need a compiler is a mistake to be seen here, on both architectures.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/etc/ssl/extra/ca.crt \
    python3 -m pip --python /opt/bongsu/bin/python install --no-cache-dir --no-compile --only-binary :all: \
    --requirement requirements.txt --constraint constraints.txt
COPY deploy/image/slim.sh deploy/image/compile.py ./
RUN apt-get install -y -qq --no-install-recommends binutils && sh slim.sh /opt/bongsu/lib/python3*/site-packages
COPY bot /app/bot
COPY cogs /app/cogs
COPY playground /app/playground
COPY config /app/config
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /app && PYTHONPATH=/app /opt/bongsu/bin/python -B compile.py

FROM ${BASE}
LABEL org.opencontainers.image.title="Bongsu" \
      org.opencontainers.image.description="The on-call bot for people who run Grafana: on Discord, self-hosted." \
      org.opencontainers.image.licenses="MIT"
# What a browser without a screen and without a graphics card never opens: 200 MB of manuals, translations and drivers.
COPY deploy/image/dpkg-slim.conf /etc/dpkg/dpkg.cfg.d/bongsu
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
       python3 libatomic1 ca-certificates chromium-headless-shell fonts-nanum fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* \
       /usr/lib/python3*/test /usr/lib/python3*/lib2to3 /usr/lib/python3*/pydoc_data \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin bongsu \
    && install -d -o bongsu -g bongsu -m 0750 /data
COPY --from=build /opt/bongsu /opt/bongsu
COPY --from=build /app /app
COPY deploy/image/bongsu /opt/bongsu/bin/bongsu
ENV PATH=/opt/bongsu/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    LANG=C.UTF-8 \
    TZ=UTC \
    WEBHOOK_PORT=8085 \
    CHROMIUM=/usr/bin/chromium-headless-shell \
    BONGSU_CONFIG=/app/config/bot.yml \
    BONGSU_SERVICES=/app/config/services.yml \
    DATABASE_URL=sqlite:////data/bongsu.db
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8085
# Standard library only, and without `site`: half a megabyte and 30 ms, twice a minute.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/usr/bin/python3", "-ISc", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['WEBHOOK_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
