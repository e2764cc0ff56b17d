import type { WekaContainer } from '../../../schemas/weka-container.ts';
import type { ExplainedState } from '../../../schemas/output/explanation.ts';
import type { Facts } from '../facts/facts.ts';
import { healthOf } from '../health/health.ts';
import { record } from '../kube/json.ts';
import { type ObjectId, parseObjectId } from '../kube/object.ts';
import { holdingsOf } from '../placement/holdings.ts';
import { place } from '../placement/place.ts';
import { wantContainer } from '../placement/want-container.ts';
import { describeShortfall } from '../placement/words.ts';
import { STATE_WORDS } from '../report/words.ts';
import type { Spec } from '../spec/spec.ts';
import { type Explained, explainObject, sentence } from './explain-object.ts';
import { decides } from './decided-by.ts';
import { findField, parseField, placeAt } from './field-target.ts';
import { desiredOf, objectsBuiltOf, type Situation } from './situation.ts';
import type { NotFound } from './target.ts';
import { wayToPlace } from './ways-to-change.ts';
import { placeText, writtenField, writtenManifest } from './written.ts';

type ContainerSpec = Extract<Spec, { kind: 'WekaContainer' }>;

/** Worse comes first: what a container is, of what its objects are. */
const WORST: readonly ExplainedState[] = [
  'refused',
  'waits',
  'will-be-created',
  'will-be-replaced',
  'will-be-changed',
  'in-sync',
];

/** Why a container of WEKA is as it is: what it is built into, and why its pod stands where it does, or nowhere. */
export function explainContainer(
  spec: ContainerSpec,
  situation: Situation,
  { facts, field }: { readonly facts: Facts | string; readonly field?: string | undefined },
): Explained | NotFound {
  const parts = objectsBuiltOf(situation, spec).map((id) => ({
    id,
    explained: explainObject(id, situation, {}),
  }));
  const known = parts.flatMap(({ id, explained }) => ('message' in explained ? [] : [{ id, ...explained }]));
  const states = new Map(known.map((part) => [part.state, part]));
  const worst = WORST.map((state) => states.get(state)).find((part) => part !== undefined) ?? known[0];
  if (worst === undefined) return explainObject(spec.id, situation, { field });
  const { id: _id, ...main } = worst;
  if (field !== undefined) return fieldOfContainer(spec, field, situation, main.state);
  const pod = known.find(({ id }) => parseObjectId(id).kind === 'Pod');
  const where = placeOf(spec, pod?.id, situation, facts);
  // Nothing is left to do for us, and still it does not run.
  const isHomeless = main.state === 'in-sync' && where.waits;
  const [first = '', ...others] = main.now;
  return {
    ...main,
    target: spec.id,
    state: isHomeless ? 'waits' : main.state,
    now: [isHomeless ? 'It waits: its pod has no node.' : first, ...others, ...where.now],
    written: [writtenManifest(spec), ...where.written],
    fields: known.flatMap((part) => part.fields),
    owners: [],
    related: known.map((part) => ({ target: part.id, why: relation(part.id, part.state, situation) })),
    toChange: [...new Set([...where.toChange, ...main.toChange])],
  };
}

/** A field of the manifest itself. */
function fieldOfContainer(
  spec: ContainerSpec,
  field: string,
  situation: Situation,
  state: ExplainedState,
): Explained | NotFound {
  const steps = parseField(field);
  if ('message' in steps) return steps;
  const path = findField(spec.manifest, steps)?.path;
  const explained = explainObject(spec.id, situation, { field });
  if ('message' in explained || path === undefined) return explained;
  const written = [...writtenField(spec, spec.id, path, situation.context)];
  const decided = decides(spec, placeAt(spec.manifest, path) ?? [], situation.context);
  const names = objectsBuiltOf(situation, spec).join(' and ');
  return {
    ...explained,
    state,
    now: [`It is a field of the manifest that ${names} are built of.`],
    related: decided.map((each) => ({ target: each.id, why: `has it in ${each.path}` })),
    toChange:
      written.length === 0 ? [] : [`Edit ${written.map(placeText).join(', ')} to ask for something else.`],
  };
}

const SAID: Readonly<Partial<Record<ExplainedState, string>>> = {
  'in-sync': 'in sync',
  'will-be-created': 'will be created',
  'will-be-changed': 'will be changed',
  'will-be-replaced': 'will be replaced',
};

/** What it is built into besides its anchor. */
const PARTS: Readonly<Record<string, string>> = { Pod: 'its pod', Secret: 'a certificate of its service' };

function relation(id: ObjectId, state: ExplainedState, { live }: Situation): string {
  const object = live.get(id);
  const health = object === undefined ? undefined : healthOf(object);
  const what = PARTS[parseObjectId(id).kind] ?? 'its anchor';
  const words = [SAID[state] ?? state, ...(health === undefined ? [] : [STATE_WORDS[health.state]])];
  return `is ${what}: ${[...new Set(words)].join(', ')}`;
}

interface Where {
  /** Whether there is a pod, and no node for it. */
  readonly waits: boolean;
  readonly now: readonly string[];
  readonly written: Explained['written'];
  readonly toChange: readonly string[];
}

/** Why its pod stands on its node, or why it finds none: as the plan has it. */
function placeOf(
  spec: ContainerSpec,
  podId: ObjectId | undefined,
  situation: Situation,
  facts: Facts | string,
): Where {
  const pod = podId === undefined ? undefined : situation.live.get(podId);
  const placement = podId === undefined ? undefined : desiredOf(situation, podId)?.placement;
  const { why, written } = askedPlace(spec);
  const { nodeName } = record(pod?.['spec']);
  if (typeof nodeName === 'string' && nodeName !== '') {
    return {
      waits: false,
      now: [
        `Its pod is on ${nodeName}: ${why} It stays there while the node is there.`,
        ...shortOf(spec, situation, facts),
      ],
      written,
      toChange: written.map((at) => `Edit ${placeText(at)} to have it elsewhere.`),
    };
  }
  const waits = pod !== undefined;
  // What is said of one that finds no node is in the plan's own reason.
  if (placement === undefined || !('allocation' in placement))
    return { waits, now: [], written, toChange: wayToPlace(placement) };
  const { node } = placement.allocation;
  const now = waits
    ? `It was given ${node}, and has not come there yet: ${why}`
    : `It is given ${node}: ${why}`;
  return { waits, now: [now], written, toChange: [] };
}

/** What its node lacks for it: a pod that stands there already is not placed, so that the plan does not say it. */
function shortOf(spec: ContainerSpec, { specs }: Situation, facts: Facts | string): readonly string[] {
  if (typeof facts === 'string')
    return [`Whether its node has all that it asks for cannot be told: ${sentence(facts)}`];
  const wants = specs.specs.flatMap((each) =>
    each.kind === 'WekaContainer' ? [wantContainer(each.container)] : [],
  );
  const { shortfalls } = place({
    wants: {
      containers: wants.flatMap(({ containers }) => containers),
      ranges: wants.flatMap(({ ranges }) => ranges),
    },
    nodes: facts.nodes,
    pods: facts.pods,
    holdings: holdingsOf(facts.pods),
  });
  const { name, namespace } = spec.container.metadata;
  return shortfalls
    .filter((each) => each.namespace === namespace && each.name === name)
    .map(describeShortfall);
}

/** What its manifest says of where it may stand. */
function askedPlace(spec: ContainerSpec): { readonly why: string; readonly written: Explained['written'] } {
  const fields = SELECTING.filter((field) => spec.container.spec[field] !== undefined);
  const paths = fields.map((field) => [{ field: 'spec' }, { field }]);
  const written = paths.flatMap((path) => writtenField(spec, spec.id, path, { applySet: '', image: '' }));
  const { nodeAffinity, pvc } = spec.container.spec;
  if (nodeAffinity) return { why: 'its manifest names that node.', written };
  if (pvc !== undefined)
    return { why: 'it was chosen among those that its manifest and its volume let it stand on.', written };
  return {
    why:
      fields.length === 0
        ? 'its manifest lets it stand on any node, and this one was chosen.'
        : 'it was chosen among those that its manifest lets it stand on.',
    written,
  };
}

const SELECTING = [
  'nodeAffinity',
  'nodeSelector',
  'affinity',
  'topologySpreadConstraints',
  'pvc',
] as const satisfies readonly (keyof WekaContainer['spec'])[];
