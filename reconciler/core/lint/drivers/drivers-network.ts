import { DIST_PORT } from '../../../../schemas/drivers/package.ts';
import { containerLabels } from '../../desired/container-labels.ts';
import { DISTRIBUTES, policyServiceName } from '../../desired/dist-services.ts';
import { POLICY_NAME } from '../../desired/drivers-policy.ts';
import { isRecord, record, records } from '../../kube/json.ts';
import { selects } from '../../placement/label-selector.ts';
import { labelOf } from '../object-lookup.ts';
import type { Labels } from '../shared-nodes.ts';
import type { SpecOf, SpecRule, SpecSet } from '../spec-rule.ts';

/** What serves packages, by the labels of its pods. */
interface Served {
  readonly namespace: string;
  /** `WekaPolicy drivers (a.yaml:1)`. */
  readonly words: string;
  readonly labels: Labels;
}

/**
 * The agents of nodes have the network of their nodes, so that selectors of pods and namespaces do not choose them. Port and
 * protocol are as a distribution service has them (weka-operator §3.1).
 */
export const driversNetwork: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Where a NetworkPolicy keeps agents of nodes from a distribution service, no node gets drivers.',
  example: {
    wrong:
      'kind: WekaContainer\nmetadata: { name: dist, labels: { app: dist } }\nspec: { mode: drivers-dist }\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: closed }\nspec:\n  podSelector: {}\n  policyTypes: [Ingress]',
    right:
      'kind: WekaContainer\nmetadata: { name: dist, labels: { app: dist } }\nspec: { mode: drivers-dist }\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: closed }\nspec:\n  podSelector: {}\n  policyTypes: [Ingress]\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: drivers }\nspec:\n  podSelector: { matchLabels: { app: dist } }\n  ingress: [{ ports: [{ port: 60002 }] }]',
  },
  *check(set) {
    const policies = Map.groupBy(set.objectsOf('NetworkPolicy'), namespaceOf);
    if (policies.size === 0) return;
    for (const { namespace, words, labels } of servedOf(set)) {
      const about = (policies.get(namespace) ?? []).filter((spec) => isIsolating(spec, labels));
      const rules = about.flatMap((spec) => records(record(spec.manifest['spec'])['ingress']));
      const open = rules.filter(opensPort);
      const [first] = about;
      if (first === undefined || open.some(letsNodesIn)) continue;
      const others = about.slice(1).map((spec) => `${labelOf(spec)} (${spec.source})`);
      const beside = others.length === 0 ? '' : `, with ${others.join(', ')},`;
      yield {
        spec: first,
        path: ['spec', 'podSelector'],
        message:
          open.length === 0
            ? `This NetworkPolicy${beside} lets nobody reach port ${DIST_PORT} of ${words}.`
            : `This NetworkPolicy${beside} lets only pods reach port ${DIST_PORT} of ${words}, and agents ask from the addresses of their nodes.`,
        hint: `Allow port ${DIST_PORT} from everywhere, or from an ipBlock that holds the addresses of the nodes.`,
      };
    }
  },
};

function servedOf({ containers, policies }: SpecSet): readonly Served[] {
  return [
    ...containers
      .filter(({ container }) => container.spec.mode !== 'drivers-builder')
      .map(({ container, source }) => ({
        namespace: container.metadata.namespace,
        words: `WekaContainer ${container.metadata.name} (${source})`,
        labels: containerLabels(container),
      })),
    ...policies
      .filter(({ policy }) => policy.spec.type === DISTRIBUTES)
      .map(({ policy: { metadata }, source }) => ({
        namespace: metadata.namespace,
        words: `WekaPolicy ${metadata.name} (${source})`,
        labels: {
          app: policyServiceName(metadata.name),
          [POLICY_NAME]: metadata.name,
          'weka.io/mode': 'drivers-dist',
        },
      })),
  ];
}

function namespaceOf({ manifest }: SpecOf<'object'>): string {
  return manifest.metadata.namespace ?? '';
}

/** Whether a policy says who may reach pods with these labels. Without types it does. */
function isIsolating({ manifest }: SpecOf<'object'>, labels: Labels): boolean {
  const { podSelector, policyTypes } = record(manifest['spec']);
  if (Array.isArray(policyTypes) && !policyTypes.includes('Ingress')) return false;
  return isRecord(podSelector) && selects(podSelector, labels);
}

type Rule = Readonly<Record<string, unknown>>;

/** Whether a rule is about the port; without ports it is about all of them. */
function opensPort({ ports }: Rule): boolean {
  const named = records(ports);
  if (named.length === 0) return true;
  return named.some(({ port, endPort, protocol = 'TCP' }) => {
    if (protocol !== 'TCP') return false;
    if (port === undefined || port === 'dist') return true;
    if (typeof port !== 'number') return false;
    return port <= DIST_PORT && DIST_PORT <= (typeof endPort === 'number' ? endPort : port);
  });
}

/** Whether it lets in more than pods; without peers it lets everybody in. */
function letsNodesIn({ from }: Rule): boolean {
  const peers = records(from);
  return peers.length === 0 || peers.some(({ ipBlock }) => ipBlock !== undefined);
}
