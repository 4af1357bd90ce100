import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import {
  Autoscalers,
  Deployments,
  RoleBindings,
  Roles,
  ServiceAccounts,
  Services,
} from '../../../../src/ports/kinds.ts';
import { type Manifested, operatorLabels } from './manifest.ts';
import { IstioNamespace, istiodName, RevisionLabel } from './names.ts';

const Name = 'istio-ingressgateway';

/** The ingress gateway of the profile `default`: its image is written out, so a restart changes nothing (45-install-more). */
export function ingressGatewayManifest(revision: string, version: string): Manifested[] {
  const labels = {
    ...operatorLabels('IngressGateways', version),
    app: Name,
    istio: 'ingressgateway',
    [RevisionLabel]: revision,
    release: 'istio',
  };
  const metadata = (name: string) => ({ name, namespace: IstioNamespace, labels });
  const selector = { app: Name, istio: 'ingressgateway' };
  const template = {
    metadata: {
      annotations: { 'istio.io/rev': revision, 'prometheus.io/port': '15020', 'sidecar.istio.io/inject': 'false' },
      labels: { ...selector, [RevisionLabel]: revision, 'sidecar.istio.io/inject': 'false' },
    },
    spec: {
      containers: [
        {
          name: 'istio-proxy',
          image: `docker.io/istio/proxyv2:${version}`,
          env: [{ name: 'CA_ADDR', value: `${istiodName(revision)}.${IstioNamespace}.svc:15012` }],
        },
      ],
      serviceAccountName: `${Name}-service-account`,
    },
  };
  return [
    {
      kind: Deployments,
      object: {
        metadata: metadata(Name),
        spec: { replicas: 1, selector: { matchLabels: selector }, template },
      } as KubernetesObject,
    },
    {
      kind: Services,
      object: {
        metadata: metadata(Name),
        spec: { type: 'LoadBalancer', selector, ports: [{ name: 'http2', port: 80, targetPort: 8080 }] },
      } as KubernetesObject,
    },
    { kind: ServiceAccounts, object: { metadata: metadata(`${Name}-service-account`) } },
    { kind: RoleBindings, object: { metadata: metadata(`${Name}-sds`) } },
    { kind: Roles, object: { metadata: metadata(`${Name}-sds`) } },
    { kind: Autoscalers, object: { metadata: metadata(Name) } },
  ];
}
