module lab/istio

go 1.26.0

require istio.io/istio v0.0.0-20260826214018-9739e10eb9d7

tool (
	istio.io/istio/istioctl/cmd/istioctl
	istio.io/istio/pilot/cmd/pilot-discovery
)

// Releases that 1.30.4's own go.mod names and that no proxy serves.
replace (
	github.com/agentgateway/agentgateway/api => github.com/agentgateway/agentgateway/api v0.0.0-20260501213430-773586679f1c
	github.com/envoyproxy/go-control-plane/contrib => github.com/envoyproxy/go-control-plane/contrib v1.36.1-0.20260713214202-ca8ce173c36f
	github.com/envoyproxy/go-control-plane/envoy => github.com/envoyproxy/go-control-plane/envoy v1.37.1-0.20260713214202-ca8ce173c36f
	istio.io/api => istio.io/api v1.31.0-rc.0.0.20260824154656-b943409680a7
	istio.io/client-go => istio.io/client-go v1.31.0-rc.0.0.20260824155257-512e1cfc6c15
)
