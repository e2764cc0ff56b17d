import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import { HOSTNAME } from '../kube/hostname.ts';
import { isRecord, record, records } from '../kube/json.ts';
import { ALLOCATION, hostPortsOf, type PodFacts, podRequests } from '../facts/pod-facts.ts';
import { contradiction, soundNodes, strayPodsWords } from '../facts/sound-nodes.ts';
import { type Allocation, type Holding, parseAllocation } from '../placement/allocation.ts';
import { holdingsOf } from '../placement/holdings.ts';
import { bothTerms, type NodeTerm } from '../placement/node-terms.ts';
import { place } from '../placement/place.ts';
import type { PlacementFacts } from '../placement/placement-facts.ts';
import { wantContainer } from '../placement/want-container.ts';
import { type Wanted, wantedKey } from '../placement/wanted.ts';
import { describeChange, describeLeft, describeRefusal } from '../placement/words.ts';
import { anchorName, withAllocation } from './anchor.ts';
import { asApplied, type BuildContext } from './build.ts';
import { containerPod } from './container-pod.ts';
import type { DesiredObject } from './desired.ts';
import { heldPlacement } from './held-placement.ts';
import type { PodPlacement } from './pod-placement.ts';
import type { VolumeToCome } from './volume-terms.ts';
import { type Standing, type VolumeChoice, withoutVolume } from './volume-choices.ts';

/** The pod of a container. */
export type DesiredPod = DesiredObject & { readonly container: NonNullable<DesiredObject['container']> };

/** What places are chosen by; `why` where that could not be read. */
export type PlacesKnown =
  | {
      readonly facts: PlacementFacts;
      /** From which nodes the volumes of pods can be reached, or why that is not settled. */
      readonly volumes: ReadonlyMap<ObjectId, readonly NodeTerm[] | string | VolumeToCome>;
      /** What is still to be chosen among volumes for these pods, and for those that are there. */
      readonly choices?: ReadonlyMap<ObjectId, readonly VolumeChoice[]>;
      /** Those that are there. */
      readonly standing?: readonly Standing[];
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
 * made, by what is written on it, and one that is to be made where placement puts it, or nowhere and why. Its anchor
 * keeps where that is, so that a pod which goes is made again in its place.
 */
export function withPlaces(
  desired: readonly DesiredObject[],
  live: ReadonlyMap<ObjectId, KubeObject>,
  known: PlacesKnown | undefined,
  context: BuildContext,
): readonly DesiredObject[] {
  const pods = desired.filter(isPod);
  if (pods.length === 0) return desired;
  const chosen = known === undefined ? new Map<ObjectId, PodPlacement>() : choose(pods, live, known);
  const placements = new Map(
    pods.map(({ id }) => {
      const there = live.get(id);
      return [id, there === undefined ? chosen.get(id) : heldPlacement(there)];
    }),
  );
  const ofAnchor = new Map(pods.map((pod) => [objectId(anchorOf(pod)), pod.id]));
  return desired.map((each) => {
    if (isPod(each)) {
      const placement = placements.get(each.id);
      return placement === undefined ? each : placed(each, placement, context);
    }
    const pod = ofAnchor.get(each.id);
    if (pod === undefined) return each;
    const placement = placements.get(pod);
    // While nobody knows where it goes, where it was is not forgotten.
    const allocation =
      placement !== undefined && 'allocation' in placement
        ? placement.allocation
        : rememberedIn(live.get(each.id));
    return allocation === undefined ? each : kept(each, allocation, context);
  });
}

/** Where the anchor of a pod's container stands. */
export function anchorOf({ container }: DesiredPod): Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'> {
  const { name, namespace } = container.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: anchorName('WekaContainer', name), namespace },
  };
}

function rememberedIn(anchor: KubeObject | undefined): Allocation | undefined {
  return parseAllocation(anchor?.metadata.annotations?.[ALLOCATION]);
}

function isPod(desired: DesiredObject): desired is DesiredPod {
  return desired.container !== undefined;
}

const made = new WeakMap<DesiredObject, { readonly key: string; readonly placed: DesiredObject }>();

/** The anchor that says so; worked out once for as long as that stays. */
function kept(anchor: DesiredObject, allocation: Allocation, context: BuildContext): DesiredObject {
  const key = JSON.stringify([allocation, context.applySet]);
  const before = made.get(anchor);
  if (before?.key === key) return before.placed;
  const object = asApplied(withAllocation(anchor.object, allocation), context);
  const after = { ...anchor, object, unplaced: anchor.object };
  made.set(anchor, { key, placed: after });
  return after;
}

/** The pod as it is made there; worked out once for as long as neither moves. */
function placed(pod: DesiredPod, placement: PodPlacement, context: BuildContext): DesiredObject {
  if (!('allocation' in placement)) return { ...pod, placement };
  const { allocation } = placement;
  const key = JSON.stringify([placement, context.applySet, context.image]);
  const before = made.get(pod);
  if (before?.key === key) return before.placed;
  const object = asApplied(
    containerPod(pod.container, context.image, { allocation, upload: pod.upload }),
    context,
  );
  const after = { ...pod, object, placement, unplaced: pod.object };
  made.set(pod, { key, placed: after });
  return after;
}

/** Where each pod belongs as things are; all are placed together, since those that run have their places already. */
function choose(
  pods: readonly DesiredPod[],
  live: ReadonlyMap<ObjectId, KubeObject>,
  known: PlacesKnown,
): ReadonlyMap<ObjectId, PodPlacement> {
  const nowhere = (why: string) => new Map(pods.map(({ id }) => [id, { how: 'nowhere', why } as const]));
  if ('why' in known) return nowhere(`No node can be chosen for it: ${known.why}`);
  const { facts, volumes, choices = new Map(), standing = [] } = known;
  const fault = contradiction(facts);
  if (fault !== undefined)
    return nowhere(`No node can be chosen for it, since the cluster says that ${fault}`);

  const wanted = pods.flatMap((pod) => {
    const terms = volumes.get(pod.id);
    return terms !== undefined && isUnsettled(terms) ? [] : [{ id: pod.id, wanted: wantedPod(pod, terms) }];
  });
  const nodes = soundNodes(facts.nodes);
  const hostnames = new Map(nodes.map(({ name, labels }) => [name, labels[HOSTNAME]]));
  const result = place({
    wants: { containers: wanted.map((each) => each.wanted), ranges: [] },
    nodes,
    pods: facts.pods,
    holdings: [...holdingsOf(facts.pods), ...remembered(pods, live, facts.pods)],
    namespaces: facts.namespaces,
  });
  const stray = strayPodsWords(facts);
  const note = stray === undefined ? {} : { note: stray };
  const placements = new Map(
    result.placements.map((each): [string, PodPlacement] => {
      const hostname = hostnames.get(each.allocation.node);
      const { how, from } = each;
      const allocation = withHostname(each.allocation, hostname);
      const before = from && { from: { node: from.node, why: describeLeft(from.why) } };
      return [wantedKey(each), { how, allocation, ...before, ...note }];
    }),
  );
  for (const refusal of result.refusals) {
    const change = describeChange(refusal.change);
    const why = [describeRefusal(refusal).replace(/\.$/, ''), ...(stray === undefined ? [] : [stray])].join(
      '; ',
    );
    placements.set(wantedKey(refusal), { how: 'nowhere', why, ...(change !== '' && { change }) });
  }
  const idOf = new Map(wanted.map((each) => [wantedKey(each.wanted), each.id]));
  const news = result.placements.flatMap((each): Standing[] => {
    const id = idOf.get(wantedKey(each));
    return id === undefined ? [] : [{ id, node: each.allocation.node }];
  });
  const taken = withoutVolume([...standing, ...news], choices, nodes);
  const unsettled = [...volumes].flatMap(([id, terms]) => {
    if (!isUnsettled(terms)) return [];
    const placement: PodPlacement =
      typeof terms === 'string'
        ? { how: 'nowhere', why: terms }
        : { how: 'nowhere', ...terms, passing: true };
    return [[id, placement] as const];
  });
  const settled = wanted.flatMap(({ id, wanted: each }) => {
    const why = taken.get(id);
    // Once the other one has its volume it is seen who can have which.
    const placement =
      why === undefined ? placements.get(wantedKey(each)) : ({ how: 'nowhere', why, passing: true } as const);
    return placement === undefined ? [] : [[id, placement] as const];
  });
  return new Map<ObjectId, PodPlacement>([...unsettled, ...settled]);
}

/** What pods that are gone had, by their anchors. */
function remembered(
  pods: readonly DesiredPod[],
  live: ReadonlyMap<ObjectId, KubeObject>,
  running: readonly PodFacts[],
): readonly Holding[] {
  const there = new Set(running.map(wantedKey));
  return pods.flatMap((pod): readonly Holding[] => {
    const { namespace, name } = pod.container.metadata;
    const allocation = rememberedIn(live.get(objectId(anchorOf(pod))));
    if (allocation === undefined || live.has(pod.id) || there.has(wantedKey({ namespace, name }))) return [];
    return [{ namespace, name, owner: undefined, node: allocation.node, allocation, returns: true }];
  });
}

function isUnsettled(terms: readonly NodeTerm[] | string | VolumeToCome): terms is string | VolumeToCome {
  return !Array.isArray(terms);
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
