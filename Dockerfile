# reelq in containers, a target for each: webhook and worker, which have reelq, the command line, too;
# sandbox (the stand-in for VideoDB, and who submits to it); and from the same base, so that
# docker-compose.yml needs no other image, redis, which also has what setup runs, and caddy. BASE may be
# debian:12-slim, too.
ARG BASE=debian:13-slim

FROM ${BASE} AS redis
RUN apt-get update \
    && apt-get install -y --no-install-recommends redis-server redis-tools \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 /data
COPY deploy/redis.conf deploy/redis.acl /etc/reelq/
COPY deploy/compose/setup deploy/compose/redis-operator /usr/local/bin/
USER 10001:10001
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=3s --timeout=3s CMD ["redis-operator", "-e", "ping"]
# Nobody gets in without a password: the file of users switches the default one off.
ENTRYPOINT ["redis-server", "/etc/reelq/redis.conf", "--dir", "/data", "--protected-mode", "no", "--aclfile", "/run/reelq/redis.acl"]

FROM ${BASE} AS caddy
RUN apt-get update \
    && apt-get install -y --no-install-recommends caddy ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 700 /data
COPY deploy/Caddyfile /etc/reelq/Caddyfile
ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/data
USER 10001:10001
VOLUME /data
EXPOSE 80 443
ENTRYPOINT ["caddy", "run", "--config", "/etc/reelq/Caddyfile", "--adapter", "caddyfile"]

FROM ${BASE} AS build
WORKDIR /src
COPY scripts/install-deps scripts/install-deps
RUN scripts/install-deps compile
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY common common
COPY cli cli
COPY dashboard dashboard
COPY webhook webhook
COPY worker worker
COPY tests tests
RUN cmake --preset release \
    && cmake --build --preset release --target reelq reelq-webhook reelq-worker reelq-sandbox \
    && for program in reelq reelq-webhook reelq-worker reelq-sandbox; do \
        install -s -D -t /out/bin build/release/bin/$program || exit; done
# The packages that hold the libraries which the programs are linked to, whatever this Debian calls
# them.
RUN ldd /out/bin/* | awk '$2 == "=>" {sub(".*/", "*/", $3); print $3}' | sort -u \
    | xargs dpkg -S | cut -d: -f1 | sort -u >/out/packages

FROM ${BASE} AS runtime
COPY --from=build /out/packages /tmp/packages
RUN apt-get update \
    && xargs apt-get install -y --no-install-recommends ca-certificates </tmp/packages \
    && rm -rf /var/lib/apt/lists/* /tmp/packages \
    && install -d -o 10001 -g 10001 -m 700 /spool
COPY --from=build /out/bin/ /usr/local/bin/
USER 10001:10001
STOPSIGNAL SIGTERM

FROM runtime AS sandbox
COPY deploy/compose/submitter /usr/local/bin/
EXPOSE 8090
ENTRYPOINT ["reelq-sandbox"]
CMD ["--listen", "0.0.0.0:8090"]

# Healthy: the loop turns. Whether Redis is there, /readyz says; a restart would not bring it back.
FROM runtime AS webhook
VOLUME /spool
EXPOSE 8080 9090
HEALTHCHECK --interval=5s --timeout=5s CMD ["reelq-webhook", "--healthcheck"]
ENTRYPOINT ["reelq-webhook"]

FROM runtime AS worker
EXPOSE 9091
HEALTHCHECK --interval=5s --timeout=5s CMD ["reelq-worker", "--healthcheck"]
ENTRYPOINT ["reelq-worker"]
