# One layer for the proxies of every release.
FROM rehearsal/app:1
COPY envoy /usr/local/bin/
RUN groupadd --gid 1337 istio-proxy && useradd --uid 1337 --gid 1337 --no-create-home istio-proxy
