FROM rehearsal/envoy:1
COPY envoy_bootstrap.json /var/lib/istio/envoy/envoy_bootstrap_tmpl.json
COPY pilot-agent /usr/local/bin/
WORKDIR /
ENTRYPOINT ["/usr/local/bin/pilot-agent"]
