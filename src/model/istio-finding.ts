/** What `istioctl x precheck` or `analyze` has to say. */
export interface IstioFinding {
  /** For example `IST0142`. */
  code: string;
  level: 'Error' | 'Warning' | 'Info';
  message: string;
  /** For example `Deployment istio-ingress/istio-ingressgateway`. */
  origin: string;
}
