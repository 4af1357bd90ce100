import type { GateEvidence, GateName } from '../../model/evidence.ts';
import type { Gate } from '../gate.ts';
import { checks } from './checks.ts';
import { clientSide } from './client-side.ts';
import { controlPlane } from './control-plane.ts';
import { freshness } from './freshness.ts';
import { injectionFailures } from './injection-failures.ts';
import { missingTraffic } from './missing-traffic.ts';
import { outbound } from './outbound.ts';
import { serverSide } from './server-side.ts';
import { slowRequests } from './slow-requests.ts';
import { tcpConnections } from './tcp-connections.ts';
import { xdsRejects } from './xds-rejects.ts';

type Gates = { readonly [Name in GateName]: Gate<GateEvidence[Name]> };

/** Of one subject they speak in this order. */
const gates: Gates = {
  freshness,
  serverSide,
  clientSide,
  outbound,
  tcpConnections,
  slowRequests,
  missingTraffic,
  controlPlane,
  xdsRejects,
  injectionFailures,
  checks,
};

const names = Object.keys(gates) as readonly GateName[];

export function ofEachGate<Result>(of: <Name extends GateName>(gate: Gates[Name], name: Name) => Result): Result[] {
  return names.map((name) => of(gates[name], name));
}

/** Evidence made gate by gate. */
export function evidenceOf(
  of: <Name extends GateName>(gate: Gates[Name], name: Name) => GateEvidence[Name],
): GateEvidence {
  return Object.fromEntries(names.map((name) => [name, of(gates[name], name)])) as unknown as GateEvidence;
}
