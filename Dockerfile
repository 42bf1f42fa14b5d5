# reelq in containers. Targets: webhook, worker, sandbox (the stand-in API), and redis, a Redis from
# the same base so that docker-compose.yml needs no other image. BASE may also be debian:12-slim.
ARG BASE=debian:13-slim

FROM ${BASE} AS redis
RUN apt-get update \
    && apt-get install -y --no-install-recommends redis-server redis-tools \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 /data
COPY deploy/redis.conf /etc/reelq/redis.conf
USER 10001:10001
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s CMD ["redis-cli", "-e", "ping"]
ENTRYPOINT ["redis-server", "/etc/reelq/redis.conf", "--dir", "/data", "--protected-mode", "no"]

FROM ${BASE} AS build
WORKDIR /src
COPY scripts/install-deps scripts/install-deps
RUN scripts/install-deps compile
COPY . .
RUN cmake --preset release \
    && cmake --build --preset release --target reelq-webhook reelq-worker reelq-sandbox \
    && install -s -D -t /out/bin build/release/bin/reelq-*
# The packages that hold the libraries which the programs are linked to, whatever this Debian calls
# them.
RUN ldd /out/bin/* | awk '$2 == "=>" {sub(".*/", "*/", $3); print $3}' | sort -u \
    | xargs dpkg -S | cut -d: -f1 | sort -u >/out/packages

FROM ${BASE} AS runtime
COPY --from=build /out/packages /tmp/packages
RUN apt-get update \
    && xargs apt-get install -y --no-install-recommends ca-certificates </tmp/packages \
    && rm -rf /var/lib/apt/lists/* /tmp/packages
COPY --from=build /out/bin/ /usr/local/bin/
USER 10001:10001
STOPSIGNAL SIGTERM

FROM runtime AS sandbox
EXPOSE 8090
ENTRYPOINT ["reelq-sandbox"]
CMD ["--listen", "0.0.0.0:8090"]

# Healthy: the loop turns. Whether Redis is there, /readyz says; a restart would not bring it back.
FROM runtime AS webhook
USER 0:0
RUN install -d -o 10001 -g 10001 -m 700 /spool
USER 10001:10001
VOLUME /spool
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["reelq-webhook"]

FROM runtime AS worker
HEALTHCHECK --interval=10s --timeout=3s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9091 && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["reelq-worker"]
