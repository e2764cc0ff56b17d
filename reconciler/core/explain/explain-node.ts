import type { Facts } from '../facts/facts.ts';
import { BLOCKED, DRIVES, SHARED } from '../facts/node-annotations.ts';
import { nodeUsage, IDLE } from '../facts/node-usage.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { taintWords } from '../facts/node-match.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { NOTHING, resourceWords, type Resources } from '../facts/resources.ts';
import { record } from '../kube/json.ts';
import { type KubeObject, objectId } from '../kube/object.ts';
import type { FieldPath } from '../plan/field-path.ts';
import { ALLOCATION } from '../facts/pod-facts.ts';
import { parseAllocation } from '../placement/allocation.ts';
import { nearest } from '../spec/nearest.ts';
import type { Explained } from './explain-object.ts';
import { nodeDrivers } from './node-drivers.ts';
import { reportFacts, reportSentence } from './report-facts.ts';
import { ownersOfField } from './owners.ts';
import { type Situation, specOf } from './situation.ts';
import type { NotFound } from './target.ts';
import { writtenManifest } from './written.ts';

const PAGE = 2 * 2 ** 20;

/** What a node is to us: whether it takes pods, what it has, which drives, and what of ours stands on it and why. */
export function explainNode(
  name: string,
  facts: Facts,
  situation: Situation,
  object?: KubeObject,
): Explained | NotFound {
  const node = facts.nodes.find((each) => each.name === name);
  if (node === undefined) {
    const near = nearest(
      name,
      facts.nodes.map((each) => each.name),
    );
    return {
      message: `There is no node ${name}.`,
      hint: near === undefined ? 'kubectl get nodes lists them.' : `Did you mean node/${near}?`,
    };
  }
  const { obstacle, taints } = node;
  const usage = nodeUsage(facts).get(name) ?? IDLE;
  const ours = usage.pods.flatMap((pod) => ourPod(pod, situation));
  const report = facts.reports.get(name);
  const drivers = nodeDrivers(node, situation);
  return {
    target: `node/${name}`,
    state: obstacle === undefined ? 'in-service' : 'out-of-service',
    now: [
      obstacle === undefined ? 'It is in service and takes pods.' : `It takes no pods: it ${obstacle}.`,
      ...(taints.length === 0
        ? []
        : [`Only pods that tolerate ${taints.map(taintWords).join(', ')} come here.`]),
      ours.length === 0
        ? 'Nothing of ours is on it.'
        : `${ours.length === 1 ? 'One pod' : `${ours.length} pods`} of ours ${ours.length === 1 ? 'is' : 'are'} on it.`,
      reportSentence(report),
      ...drivers.now,
    ],
    written: [],
    fields: fieldsInQuestion(node, object),
    owners: [],
    facts: [...factsOf(node, usage.requests, usage.pods), ...drivers.facts, ...reportFacts(report)],
    related: ours.toSorted((a, b) => (a.target < b.target ? -1 : 1)),
    waitsFor: drivers.waitsFor,
    toChange: [...(obstacle === 'is cordoned' ? [`Run kubectl uncordon ${name}.`] : []), ...drivers.toChange],
  };
}

/** What people and programs write on a node to keep pods away. */
function fieldsInQuestion(node: NodeFacts, object: KubeObject | undefined): Explained['fields'] {
  const cordon =
    node.obstacle === 'is cordoned' ? [{ path: 'spec.unschedulable', steps: CORDON, from: true }] : [];
  const annotations = Object.keys(object?.metadata.annotations ?? {})
    .filter((each) => DRIVE_ANNOTATIONS.includes(each))
    .map((each) => ({
      path: `metadata.annotations[${JSON.stringify(each)}]`,
      steps: annotationPath(each),
      from: object?.metadata.annotations?.[each] ?? '',
    }));
  return [...cordon, ...annotations].map(({ path, steps, from }) => ({
    path,
    from,
    state: 'not-asked-for' as const,
    written: [],
    owners: ownersOfField(object, steps),
  }));
}

const CORDON: FieldPath = [{ field: 'spec' }, { field: 'unschedulable' }];
const DRIVE_ANNOTATIONS: readonly string[] = [DRIVES, BLOCKED, SHARED];

/** Where an annotation stands. */
export function annotationPath(name: string): FieldPath {
  return [{ field: 'metadata' }, { field: 'annotations' }, { field: name }];
}

function factsOf(node: NodeFacts, used: Resources, pods: readonly PodFacts[]): Explained['facts'] {
  const { allocatable: has, annotations, kernel, architecture, osImage, kubelet } = node;
  const facts: [string, string][] = [
    ['Kernel', [kernel, architecture].filter(Boolean).join(' ')],
    ['System', [osImage, kubelet].filter(Boolean).join(', kubelet ')],
    ['Cores', of(used, has, 'cpuMillis')],
    ['Memory', of(used, has, 'memoryBytes')],
    ['Huge pages', hugePages(used, has)],
    ['Drives', drivesWords(node, pods)],
    ['Blocked drives', [...annotations.blocked].join(', ')],
    ['Unreadable annotations', annotations.damaged.join(', ')],
  ];
  return facts.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value }));
}

function of(used: Resources, has: Resources, name: 'cpuMillis' | 'memoryBytes'): string {
  const words = (amount: Resources) => resourceWords({ ...NOTHING, [name]: amount[name] }) || 'none';
  return `${words(used).replace(/ of memory$/, '')} of ${words(has)} asked for by pods`;
}

function hugePages(used: Resources, has: Resources): string {
  if (has.hugePages2MiBytes === 0) return 'none of 2 MiB: set vm.nr_hugepages and restart its kubelet';
  const pages = (bytes: number) => Math.floor(bytes / PAGE).toLocaleString('en-US');
  return `${pages(used.hugePages2MiBytes)} of ${pages(has.hugePages2MiBytes)} pages of 2 MiB asked for by pods`;
}

function drivesWords(
  { annotations: { drives, blocked }, allocatable, knowsDrives }: NodeFacts,
  pods: readonly PodFacts[],
): string {
  if (drives === undefined)
    return knowsDrives
      ? `${allocatable.drives} by number, none by serial`
      : 'none signed, as far as anything says so';
  const held = driveHolders(pods);
  return drives
    .map((serial) => `${serial} (${blocked.has(serial) ? 'blocked' : (held.get(serial) ?? 'free')})`)
    .join(', ');
}

/** Which pod has which drive, by what is written on the pods. */
export function driveHolders(pods: readonly PodFacts[]): ReadonlyMap<string, string> {
  const running = pods.filter(({ ended }) => !ended);
  return new Map(
    running.flatMap(({ namespace, name, annotations }) =>
      (parseAllocation(annotations?.[ALLOCATION])?.drives ?? []).map(
        (serial) => [serial, `v1/Pod/${namespace}/${name}`] as const,
      ),
    ),
  );
}

/** A pod that we made, or that something which we made makes; and why it is here. */
function ourPod(pod: PodFacts, situation: Situation): Explained['related'] {
  const { namespace, name, labels } = pod;
  const id = objectId({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } });
  const spec = specOf(situation, id);
  if (spec?.kind === 'WekaContainer') {
    const named = Boolean(spec.container.spec.nodeAffinity);
    const { file, line } = writtenManifest(spec);
    const why = named ? 'its manifest names this node' : 'this node was chosen for it';
    return [{ target: id, why: `${why} (${file}:${line})` }];
  }
  if (spec !== undefined) return [{ target: id, why: `asked for by ${spec.source}` }];
  const maker = situation.built.objects.find(({ object }) => makes(object, namespace, labels));
  return maker === undefined ? [] : [{ target: id, why: `made by ${maker.id} (${maker.source})` }];
}

function makes({ kind, metadata, spec }: KubeObject, namespace: string, labels: PodFacts['labels']): boolean {
  if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind) || metadata.namespace !== namespace)
    return false;
  const wanted = Object.entries(record(record(record(spec)['selector'])['matchLabels']));
  return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
}
