import type { ConfigFinding, Path } from './complaint.ts';
import type { Draft } from './draft.ts';

const KUBERNETES =
  /^kubernetes:\/\/[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*:[a-z0-9-]+(?:\/[^?#]*)?(?:\?scheme=https?)?$/;

/** What must hold for the way to Prometheus. Each rule takes the draft and gives its findings. */
export const accessRules = [
  prometheusUrlIsUsable,
  onlyOneBearerToken,
  onlyOneKindOfAuthentication,
  signatureIsTheOnlyAuthentication,
  passwordHasOneSource,
  certificateHasItsKey,
  verificationIsWantedOrNot,
  headersAreUsable,
  matchIsUsable,
];

export function prometheusUrlIsUsable({ gate }: Draft): ConfigFinding[] {
  const isText = typeof gate?.prometheus === 'string';
  const url = typeof gate?.prometheus === 'string' ? gate.prometheus : gate?.prometheus?.url;
  if (url === undefined) return [];
  const path: Path = isText ? ['gate', 'prometheus'] : ['gate', 'prometheus', 'url'];
  const name = isText ? 'gate.prometheus' : 'gate.prometheus.url';
  const http = 'write for example http://prometheus.monitoring:9090';
  if (url.startsWith('kubernetes:')) {
    if (KUBERNETES.test(url)) return [];
    const instead = 'write kubernetes://NAMESPACE/SERVICE:PORT, for example kubernetes://monitoring/prometheus:9090';
    return [{ path, message: `${name} "${url}" is not a Service with a port`, instead }];
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) {
    return [{ path, message: `${name} "${url}" is not a URL with http, https or kubernetes`, instead: http }];
  }
  if (parsed.username !== '' || parsed.password !== '') {
    // The URL itself is left out of the message: it holds a password.
    return [
      {
        path,
        message: `${name} holds a user or password`,
        instead: 'write basicAuth with passwordEnv or passwordFile',
      },
    ];
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    const instead = `write ${parsed.origin}${parsed.pathname}`;
    return [{ path, message: `${name} "${url}" has more than host, port and path`, instead }];
  }
  return [];
}

export function onlyOneBearerToken({ gate }: Draft): ConfigFinding[] {
  const access = accessOf(gate);
  return access?.bearerTokenEnv !== undefined && access.bearerTokenFile !== undefined
    ? [conflict('bearerTokenFile', 'bearerTokenEnv')]
    : [];
}

export function onlyOneKindOfAuthentication({ gate }: Draft): ConfigFinding[] {
  const access = accessOf(gate);
  if (access === undefined) return [];
  const bearer = access.bearerTokenEnv !== undefined ? 'bearerTokenEnv' : 'bearerTokenFile';
  const hasBearer = access[bearer] !== undefined;
  const header = Object.keys(access.headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
  return [
    ...(access.basicAuth !== undefined && hasBearer ? [conflict('basicAuth', bearer)] : []),
    ...(header !== undefined && hasBearer ? [conflict(`headers.${header}`, bearer)] : []),
    ...(header !== undefined && access.basicAuth !== undefined ? [conflict(`headers.${header}`, 'basicAuth')] : []),
  ];
}

/** The API server's proxy would pass a signature on for another host and path than it was made for. */
export function signatureIsTheOnlyAuthentication({ gate }: Draft): ConfigFinding[] {
  const access = accessOf(gate);
  if (access?.sigv4 === undefined) return [];
  if (access.url?.startsWith('kubernetes:')) {
    const message = "gate.prometheus.sigv4 cannot be combined with the API server's proxy";
    return [{ path: ['gate', 'prometheus', 'sigv4'], at: 'key', message, instead: 'write an https URL' }];
  }
  const header = Object.keys(access.headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
  const others = (['bearerTokenEnv', 'bearerTokenFile', 'basicAuth'] as const).filter((name) => name in access);
  return [...others, ...(header === undefined ? [] : [`headers.${header}`])].map((other) => conflict('sigv4', other));
}

export function passwordHasOneSource({ gate }: Draft): ConfigFinding[] {
  const basicAuth = accessOf(gate)?.basicAuth;
  if (basicAuth === undefined || 'passwordEnv' in basicAuth !== 'passwordFile' in basicAuth) return [];
  return [
    {
      path: ['gate', 'prometheus', 'basicAuth'],
      at: 'key',
      message: `gate.prometheus.basicAuth has ${'passwordEnv' in basicAuth ? 'two passwords' : 'no password'}`,
      instead: 'write one of passwordEnv and passwordFile',
    },
  ];
}

export function certificateHasItsKey({ gate }: Draft): ConfigFinding[] {
  const access = accessOf(gate);
  if (access === undefined || 'certFile' in access === 'keyFile' in access) return [];
  const [has, lacks] = 'certFile' in access ? ['certFile', 'keyFile'] : ['keyFile', 'certFile'];
  return [
    {
      path: ['gate', 'prometheus', has],
      at: 'key',
      message: `gate.prometheus.${has} stands without ${lacks}`,
      instead: `write ${lacks} too`,
    },
  ];
}

export function verificationIsWantedOrNot({ gate }: Draft): ConfigFinding[] {
  const access = accessOf(gate);
  return access?.insecureSkipVerify === true && access.caFile !== undefined
    ? [conflict('insecureSkipVerify', 'caFile')]
    : [];
}

export function headersAreUsable({ gate }: Draft): ConfigFinding[] {
  return Object.entries(accessOf(gate)?.headers ?? {}).flatMap(([name, value]): ConfigFinding[] => {
    const path = ['gate', 'prometheus', 'headers', name];
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      return [
        {
          path,
          at: 'key',
          message: `"${name}" is not the name of an HTTP header`,
          instead: 'write for example X-Scope-OrgID',
        },
      ];
    }
    const rest = value?.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, '') ?? '';
    return rest.includes('${')
      ? [{ path, message: `header ${name} has a "\${" without a variable`, instead: `write for example "\${TENANT}"` }]
      : [];
  });
}

export function matchIsUsable({ gate }: Draft): ConfigFinding[] {
  return Object.entries(accessOf(gate)?.match ?? {}).flatMap(([name, value]): ConfigFinding[] => {
    const path = ['gate', 'prometheus', 'match', name];
    const instead = 'write for example match: { cluster: prod-1 }';
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
      return [{ path, at: 'key', message: `"${name}" is not the name of a Prometheus label`, instead }];
    // Prometheus refuses a selector with two metric names, and drops other labels that begin like this when it scrapes.
    if (name.startsWith('__'))
      return [{ path, at: 'key', message: `series have no label "${name}" when they are queried`, instead }];
    return value === undefined || value.isWellFormed()
      ? []
      : [{ path, message: `the value of label ${name} is not valid Unicode`, instead }];
  });
}

function accessOf(gate: Draft['gate']) {
  return typeof gate?.prometheus === 'object' ? gate.prometheus : undefined;
}

function conflict(one: string, other: string): ConfigFinding {
  const path = ['gate', 'prometheus', ...one.split('.')];
  return { path, at: 'key', message: `gate.prometheus has both ${one} and ${other}`, instead: 'keep one of the two' };
}
