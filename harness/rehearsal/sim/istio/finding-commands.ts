import type { IstioFinding } from '../../../../src/model/istio-finding.ts';
import {
  CustomResourceDefinitions,
  Deployments,
  MutatingWebhooks,
  Namespaces,
  Services,
} from '../../../../src/ports/kinds.ts';
import type { Namespace, WebhookConfiguration, WorkloadObject } from '../../../../src/ports/objects.ts';
import type { CustomResourceDefinition } from '../api-server/resources.ts';
import { matchesSelector } from '../api-server/selectors.ts';
import type { IstioctlArguments } from './istioctl-arguments.ts';
import { type Command, type IstioctlContext, succeeded, takes } from './istioctl-command.ts';
import { IstioNamespace, RevisionLabel } from './names.ts';
import { missingServiceProblem, overlapProblem, webhookOverlaps } from './webhook-overlaps.ts';

const NoIssues =
  '✔ No issues found when checking the cluster. Istio is safe to install or upgrade!\n  To get started, check out https://istio.io/latest/docs/setup/getting-started/.\n';
/** Also where this user may not list them. */
const Colours = { Error: '\u001b[1;31m', Warning: '\u001b[33m' };
/** Never reported as lacking injection. */
const SystemNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  IstioNamespace,
]);

/** `x precheck [-o json]`: nothing on stdout when nothing was found, exit 1 when something was: 10-stages, 31-precheck-findings. */
export const precheck: Command = async (context, args) => {
  await takes(context, 250);
  const { version } = context;
  const found = [...context.precheckFindings, ...gatewayApiFindings(context)];
  const shown = args.value('--output-threshold') === 'Error' ? found.filter(({ level }) => level === 'Error') : found;
  const isBad = found.some(({ level }) => level !== 'Info');
  const failure = 'Issues found when checking the cluster. Istio may not be safe to install or upgrade.';
  return {
    exitCode: isBad ? 1 : 0,
    stdout: shown.length === 0 ? '' : formatted(shown, version, args, '', Colours),
    // What lies below the threshold is not shown, and counts: 31-precheck-findings.
    stderr: (shown.length === 0 ? NoIssues : '') + (isBad ? `Error: ${failure}\n${seeMore(version)}` : ''),
  };
};

/** Kinds of the Gateway API that istiod wants to find in a version. */
const WantedKinds = [
  { version: 'v1', level: 'Warning', code: 'IST0172', kinds: ['Gateway', 'GatewayClass', 'HTTPRoute', 'GRPCRoute'] },
  {
    version: 'v1beta1',
    level: 'Error',
    code: 'IST0156',
    kinds: ['Gateway', 'GatewayClass', 'HTTPRoute', 'ReferenceGrant'],
  },
] as const;

function gatewayApiFindings({ registry }: IstioctlContext): IstioFinding[] {
  const definitions = registry.store
    .list<CustomResourceDefinition>(CustomResourceDefinitions)
    .filter(({ spec }) => spec.group === 'gateway.networking.k8s.io');
  return definitions.flatMap(({ metadata, spec }) => {
    const served = spec.versions.map(({ name }) => name);
    return WantedKinds.filter(
      ({ version, kinds }) => kinds.some((kind) => kind === spec.names.kind) && !served.includes(version),
    ).map(({ version, level, code }) =>
      finding(
        code,
        level,
        `CustomResourceDefinition ${metadata.name}`,
        `The Gateway API CRD version ${served.sort().join(',')} is lower than the minimum version: ${version}`,
      ),
    );
  });
}

/** Of `analyze` in its table form; as JSON it always ends with 0: 36-analyze. */
const FindingsExitCode = 79;

/** `analyze -A [-o json] [--revision R]`. */
export const analyze: Command = async (context, args) => {
  await takes(context, 200);
  const namespace = args.value('--namespace');
  if (namespace !== undefined && !context.registry.store.get(Namespaces, namespace))
    return succeeded('', `namespace "${namespace}" not found\n`);
  const findings = [...context.analyzeFindings, ...derived(context, args.value('--revision') ?? '')];
  const stdout = formatted(findings, context.version, args, '?ref=istioctl-analyze');
  if (args.value('--output') === 'json' || !findings.some(({ level }) => level === 'Error')) return succeeded(stdout);
  const failure = 'Analyzers found issues when analyzing all namespaces.';
  return { exitCode: FindingsExitCode, stdout, stderr: `Error: ${failure}\n${seeMore(context.version)}` };
};

/** What is wrong with one configuration of webhooks among all that are looked at. */
function invalid(
  { store }: IstioctlContext['registry'],
  own: WebhookConfiguration,
  visible: readonly WebhookConfiguration[],
): IstioFinding[] {
  const origin = `MutatingWebhookConfiguration ${own.metadata.name}`;
  const others = visible.filter((one) => one !== own);
  const overlaps = webhookOverlaps(own, others).map(overlapProblem);
  const missing = (own.webhooks ?? []).flatMap(({ clientConfig: { service } }) =>
    service && !store.get(Services, service.name, service.namespace)
      ? [missingServiceProblem(service.namespace, service.name)]
      : [],
  );
  return [...new Set([...overlaps, ...missing])].sort().map((problem) => finding('IST0139', 'Error', origin, problem));
}

function derived({ registry }: IstioctlContext, revision: string): IstioFinding[] {
  const { store } = registry;
  const namespaces = store.list<Namespace>(Namespaces);
  const both = namespaces.flatMap(({ metadata: { name, labels = {} } }) =>
    labels['istio-injection'] && labels[RevisionLabel]
      ? [
          finding(
            'IST0123',
            'Warning',
            `Namespace ${name}`,
            `The namespace has more than one type of injection labels [istio-injection=${labels['istio-injection']} istio.io/rev=${labels[RevisionLabel]}], which may lead to undefined behavior. Make sure only one injection label exists.`,
          ),
        ]
      : [],
  );
  const unlabelled = namespaces.flatMap(({ metadata: { name, labels = {} } }) =>
    labels['istio-injection'] || labels[RevisionLabel] || SystemNamespaces.has(name)
      ? []
      : [
          finding(
            'IST0102',
            'Info',
            `Namespace ${name}`,
            `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${name} istio-injection=enabled' to enable it, or 'kubectl label namespace ${name} istio-injection=disabled' to explicitly mark it as not needing injection.`,
          ),
        ],
  );
  // What other revisions own is not looked at, which makes false alarms: 36-analyze.
  const visible = store
    .list<WebhookConfiguration>(MutatingWebhooks)
    .filter(({ metadata }) => (metadata.labels?.[RevisionLabel] ?? revision) === revision);
  const webhooks = visible.flatMap(({ webhooks: hooks = [] }) => hooks);
  const unmatched = store
    .list<WorkloadObject>(Deployments)
    .filter(({ spec }) => spec.template.spec.containers.some(({ image }) => image === 'auto'))
    .filter(({ metadata, spec }) => {
      const labels = store.get<Namespace>(Namespaces, metadata.namespace ?? '')?.metadata.labels;
      return !webhooks.some(
        ({ namespaceSelector, objectSelector }) =>
          matchesSelector(namespaceSelector, labels) && matchesSelector(objectSelector, spec.template.metadata?.labels),
      );
    })
    .map(({ metadata }) =>
      finding(
        'IST0146',
        'Warning',
        `Deployment ${metadata.namespace}/${metadata.name}`,
        `Deployment ${metadata.name} contains \`image: auto\` but does not match any Istio injection webhook selectors.`,
      ),
    );
  return [...visible.flatMap((one) => invalid(registry, one, visible)), ...both, ...unmatched, ...unlabelled];
}

function finding(code: string, level: IstioFinding['level'], origin: string, message: string): IstioFinding {
  return { code, level, message, origin };
}

function formatted(
  findings: readonly IstioFinding[],
  version: string,
  args: IstioctlArguments,
  reference: string,
  colours: Readonly<Record<string, string>> = {},
): string {
  if (args.value('--output') === 'json') return json(findings, version, reference);
  const coloured = (level: string) => (level in colours ? `${colours[level]}${level}\u001b[0m` : level);
  return findings
    .map(({ code, level, message, origin }) => `${coloured(level)} [${code}] (${origin}) ${message}\n`)
    .join('');
}

const documentation = (version: string) =>
  `https://istio.io/v${version.split('.').slice(0, 2).join('.')}/docs/reference/config/analysis`;

const seeMore = (version: string) =>
  `See ${documentation(version)} for more information about causes and resolutions.\n`;

function json(findings: readonly IstioFinding[], version: string, reference: string): string {
  const documented = findings.map(({ code, level, message, origin }) => ({
    code,
    documentationUrl: `${documentation(version)}/${code.toLowerCase()}/${reference}`,
    level,
    message,
    origin,
  }));
  return `${JSON.stringify(documented, null, '\t')}\n`;
}
