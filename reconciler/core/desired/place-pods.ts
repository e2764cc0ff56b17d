import type { ObjectId, KubeObject } from '../kube/object.ts';
import { HOSTNAME } from '../kube/hostname.ts';
import { isRecord, record, records } from '../kube/json.ts';
import { hostPortsOf, podRequests } from '../facts/pod-facts.ts';
import { contradiction, soundNodes } from '../facts/sound-nodes.ts';
import type { Allocation } from '../placement/allocation.ts';
import { holdingsOf } from '../placement/holdings.ts';
import { bothTerms, type NodeTerm } from '../placement/node-terms.ts';
import { place } from '../placement/place.ts';
import type { PlacementFacts } from '../placement/placement-facts.ts';
import { wantContainer } from '../placement/want-container.ts';
import { type Wanted, wantedKey } from '../placement/wanted.ts';
import { describeChange, describeRefusal } from '../placement/words.ts';
import { asApplied, type BuildContext } from './build.ts';
import { containerPod } from './container-pod.ts';
import type { DesiredObject } from './desired.ts';
import { heldPlacement } from './held-placement.ts';
import type { PodPlacement } from './pod-placement.ts';

/** The pod of a container. */
type DesiredPod = DesiredObject & { readonly container: NonNullable<DesiredObject['container']> };

/** What places are chosen by; `why` where that could not be read. */
export type PlacesKnown =
  | {
      readonly facts: PlacementFacts;
      /** From which nodes the volumes of pods can be reached, or why that is not settled. */
      readonly volumes: ReadonlyMap<ObjectId, readonly NodeTerm[] | string>;
    }
  | { readonly why: string };

/** Pods that are asked for and are not there, so that a place has to be found for them. */
export function podsToPlace(
  desired: readonly DesiredObject[],
  live: ReadonlyMap<ObjectId, KubeObject>,
): readonly DesiredPod[] {
  return desired.filter(isPod).filter(({ id }) => !live.has(id));
}

/**
 * What is asked for, with each pod of a container where it belongs: one that is there where it was placed when it was
 * made, by what is written on it, and one that is to be made where placement puts it, or nowhere and why.
 */
export function withPlaces(
  desired: readonly DesiredObject[],
  live: ReadonlyMap<ObjectId, KubeObject>,
  known: PlacesKnown | undefined,
  context: BuildContext,
): readonly DesiredObject[] {
  const pods = desired.filter(isPod);
  if (pods.length === 0) return desired;
  const chosen = known === undefined ? new Map<ObjectId, PodPlacement>() : choose(pods, known);
  return desired.map((each) => {
    if (!isPod(each)) return each;
    const there = live.get(each.id);
    const placement = there === undefined ? chosen.get(each.id) : heldPlacement(there);
    return placement === undefined ? each : placed(each, placement, context);
  });
}

function isPod(desired: DesiredObject): desired is DesiredPod {
  return desired.container !== undefined;
}

const made = new WeakMap<DesiredObject, { readonly key: string; readonly placed: DesiredObject }>();

/** The pod as it is made there; worked out once for as long as neither moves. */
function placed(pod: DesiredPod, placement: PodPlacement, context: BuildContext): DesiredObject {
  if (!('allocation' in placement)) return { ...pod, placement };
  const { allocation } = placement;
  const key = JSON.stringify([placement, context.applySet, context.image]);
  const before = made.get(pod);
  if (before?.key === key) return before.placed;
  const object = asApplied(containerPod(pod.container, context.image, allocation), context);
  const after = { ...pod, object, placement };
  made.set(pod, { key, placed: after });
  return after;
}

/** Where each pod belongs as things are; all are placed together, since those that run have their places already. */
function choose(pods: readonly DesiredPod[], known: PlacesKnown): ReadonlyMap<ObjectId, PodPlacement> {
  const nowhere = (why: string) => new Map(pods.map(({ id }) => [id, { how: 'nowhere', why } as const]));
  if ('why' in known) return nowhere(`No node can be chosen for it: ${known.why}`);
  const { facts, volumes } = known;
  const fault = contradiction(facts);
  if (fault !== undefined)
    return nowhere(`No node can be chosen for it, since the cluster says that ${fault}`);

  const wanted = pods.flatMap((pod) => {
    const terms = volumes.get(pod.id);
    return typeof terms === 'string' ? [] : [{ id: pod.id, wanted: wantedPod(pod, terms) }];
  });
  const nodes = soundNodes(facts.nodes);
  const hostnames = new Map(nodes.map(({ name, labels }) => [name, labels[HOSTNAME]]));
  const result = place({
    wants: { containers: wanted.map((each) => each.wanted), ranges: [] },
    nodes,
    pods: facts.pods,
    holdings: holdingsOf(facts.pods),
    namespaces: facts.namespaces,
  });
  const placements = new Map(
    result.placements.map((each): [string, PodPlacement] => {
      const hostname = hostnames.get(each.allocation.node);
      return [wantedKey(each), { how: each.how, allocation: withHostname(each.allocation, hostname) }];
    }),
  );
  for (const refusal of result.refusals) {
    const change = describeChange(refusal.change);
    const why = describeRefusal(refusal).replace(/\.$/, '');
    placements.set(wantedKey(refusal), { how: 'nowhere', why, ...(change !== '' && { change }) });
  }
  const unsettled = [...volumes].flatMap(([id, why]) =>
    typeof why === 'string' ? [[id, { how: 'nowhere', why }] as const] : [],
  );
  const settled = wanted.flatMap(({ id, wanted: each }) => {
    const placement = placements.get(wantedKey(each));
    return placement === undefined ? [] : [[id, placement] as const];
  });
  return new Map<ObjectId, PodPlacement>([...unsettled, ...settled]);
}

function withHostname(allocation: Allocation, hostname: string | undefined): Allocation {
  return hostname === undefined || hostname === allocation.node ? allocation : { ...allocation, hostname };
}

/** A container as its very pod asks for it, so that nothing is counted otherwise than the scheduler counts it. */
function wantedPod({ container, object }: DesiredPod, volumes: readonly NodeTerm[] = []): Wanted {
  const [wanted] = wantContainer(container).containers;
  if (wanted === undefined) throw new Error('A container asks for itself.');
  const spec = withLimitsRequested(record(object['spec']));
  const requests = podRequests(spec);
  const { shape } = wanted;
  return {
    ...wanted,
    shape: {
      ...shape,
      labels: object.metadata.labels ?? {},
      requests: { plain: requests, threaded: requests },
      nodeTerms: bothTerms(shape.nodeTerms, volumes),
      hostPorts: hostPortsOf(spec),
    },
  };
}

/** The API server has a container ask for what it is limited to, where it does not say what it asks for. */
function withLimitsRequested(spec: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const containers = records(spec['containers']).map((container) => {
    const { limits, requests } = record(container['resources']);
    return isRecord(limits)
      ? { ...container, resources: { limits, requests: { ...limits, ...record(requests) } } }
      : container;
  });
  return { ...spec, containers };
}
