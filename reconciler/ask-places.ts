import type { BuildContext } from './core/desired/build.ts';
import type { DesiredObject } from './core/desired/desired.ts';
import {
  anchorOf,
  type DesiredPod,
  type PlacesKnown,
  podsToPlace,
  withPlaces,
} from './core/desired/place-pods.ts';
import { volumeChoices } from './core/desired/volume-choices.ts';
import { claimsOf, volumeTerms } from './core/desired/volume-terms.ts';
import { ALLOCATION } from './core/facts/pod-facts.ts';
import { type KubeObject, objectId, type ObjectId } from './core/kube/object.ts';
import { parseAllocation } from './core/placement/allocation.ts';
import { gapAround } from './core/plan/unread.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, Interruptible, Live } from './ports.ts';

/**
 * What is asked for, with each pod of WEKA on its node. The cluster is asked of its nodes and pods only where one is to be
 * made; where it does not say all, none is made.
 */
export async function askPlaces(
  desired: readonly DesiredObject[],
  live: Live,
  cluster: Cluster,
  { signal, ...context }: BuildContext & Interruptible,
): Promise<readonly DesiredObject[]> {
  // What could not be listed may well be there.
  const open = podsToPlace(desired, live.objects).filter(
    ({ object }) => gapAround(object, live.unread) === undefined,
  );
  const known = open.length === 0 ? undefined : await ask(open, { desired, live, cluster, signal });
  return withPlaces(desired, live.objects, known, context);
}

interface Asking extends Interruptible {
  readonly desired: readonly DesiredObject[];
  readonly live: Live;
  readonly cluster: Cluster;
}

async function ask(
  pods: readonly DesiredPod[],
  { cluster, desired, live: { objects, unread }, signal }: Asking,
): Promise<PlacesKnown> {
  // One that is there may have no volume yet.
  const there = desired.flatMap(({ id, container }) => (container && objects.get(id)) ?? []);
  const standing = there.flatMap((object) => {
    const allocation = parseAllocation(object.metadata.annotations?.[ALLOCATION]);
    return allocation === undefined ? [] : [{ id: objectId(object), object, node: allocation.node }];
  });
  const claims = new Map(
    [...pods, ...standing].flatMap(({ object }) => claimsOf(object).map((name) => claimOf(object, name))),
  );
  try {
    const [facts, live] = await Promise.all([
      cluster.placementFacts({ signal, volumes: claims.size > 0 }),
      Promise.all([...claims.values()].map((claim) => cluster.get(claim, { signal }))),
    ]);
    // What is asked for comes in the same pass, before pods do.
    const asked = desired.map(({ object }) => object);
    const ofKind = (kind: string) => asked.filter((object) => object.kind === kind);
    const known = byId([...ofKind('PersistentVolumeClaim'), ...live.filter((each) => each !== undefined)]);
    const storage = {
      volumes: [...byId([...ofKind('PersistentVolume'), ...(facts.volumes ?? [])]).values()],
      classes: [...byId([...ofKind('StorageClass'), ...(facts.classes ?? [])]).values()],
    };
    const claimNamed = (object: KubeObject) => (name: string) => known.get(claimOf(object, name)[0]);
    // Without its anchor nobody knows where it belongs.
    const forgotten = (pod: DesiredPod) => {
      const gap = gapAround(anchorOf(pod), unread);
      return gap && `The cluster could not be asked where it was before: ${gap.why}`;
    };
    const volumes = pods.map(
      (pod) => [pod.id, forgotten(pod) ?? volumeTerms(pod.object, claimNamed(pod.object), storage)] as const,
    );
    const choices = [...standing, ...pods].map(
      ({ id, object }) => [id, volumeChoices(object, claimNamed(object), storage)] as const,
    );
    return { facts, volumes: new Map(volumes), choices: new Map(choices), standing };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ReconcilerError)) throw error;
    return { why: `${error.message} (${error.code})` };
  }
}

type Claim = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

function claimOf({ metadata: { namespace } }: KubeObject, name: string): readonly [ObjectId, Claim] {
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata };
  return [objectId(claim), claim];
}

/** The later one of two counts. */
function byId(objects: readonly KubeObject[]): ReadonlyMap<ObjectId, KubeObject> {
  return new Map(objects.map((object) => [objectId(object), object]));
}
