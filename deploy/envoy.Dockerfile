# The image of Envoy with envoy/envoy.yaml. A control plane at control-plane:18000 tells it where the replicas are.
#
# `npm run image -- --envoy` makes the context: `envoy/` (the binary of this machine), `libraries/` (what it needs), `etc/` (the
# configuration) and `licenses/`. Docker 20.10 without BuildKit is enough.
ARG BASE=envoyproxy/envoy:distroless-v1.40.0

# The base where no registry is reached: `--build-arg BASE=local`.
FROM scratch AS local
COPY libraries/ envoy/ /

FROM ${BASE}
COPY etc/ /etc/
COPY licenses/ /licenses/
USER 65532:65532
# Calls; then /ready and /stats/prometheus.
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
# The access log is written every 200 ms instead of every 10 s.
ENTRYPOINT ["/usr/local/bin/envoy", "--config-path", "/etc/envoy/envoy.yaml", "--disable-hot-restart", "--file-flush-interval-msec", "200"]
# Envoy counts the cores of the host, not those it may use, and each of its threads sees its own calls only: say how many.
CMD ["--concurrency", "2"]
