import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject, ObjectId } from '../../core/kube/object.ts';
import type { Write } from '../../core/plan/change.ts';
import { compare, isAsPlanned } from '../../core/plan/compare.ts';
import { isReplaceable } from '../../core/plan/immutable.ts';
import { isAppliedByUs } from '../../core/plan/managed-fields.ts';
import { isOnlyCrowded, trial } from '../../core/plan/proof.ts';
import { pruneMismatch } from '../../core/plan/prune.ts';
import { ReconcilerError } from '../../errors.ts';
import type { Cluster } from '../../ports.ts';
import {
  AlreadyThereError,
  OtherObjectError,
  PruneMismatchError,
  ReplaceBrokenError,
  ReplaceRejectedError,
} from './errors.ts';
import { pruneObstacle } from './prune-obstacle.ts';

/** How long an object that is replaced may take to go. */
const GONE_WITHIN_MS = 60_000;

/**
 * Carries out one change; `unchanged` where the cluster was as desired already. `created` are the objects that this
 * pass makes.
 */
export async function write(
  change: Write,
  cluster: Cluster,
  created: ReadonlySet<ObjectId>,
): Promise<'done' | 'unchanged'> {
  switch (change.op) {
    case 'create':
      await create(change.desired, cluster, created);
      return 'done';
    case 'update':
      return await update(change, cluster);
    case 'replace':
      await replace(change, cluster, created);
      return 'done';
    case 'prune':
      return await prune(change, cluster);
    default:
      throw new Error(`Unknown change: ${JSON.stringify(change satisfies never)}`);
  }
}

/** Waits between tries in a namespace that was made a moment ago. */
const SETTLING_MS = [50, 100, 200, 400, 800, 1600];

/** A new namespace takes its contents, and has its default service account, only a moment after it was made. */
async function create(desired: KubeObject, cluster: Cluster, created: ReadonlySet<ObjectId>): Promise<void> {
  const { namespace } = desired.metadata;
  const isNew = namespace !== undefined && created.has(`v1/Namespace/${namespace}` as ObjectId);
  for (const wait of isNew ? SETTLING_MS : []) {
    try {
      await applyAsNew(desired, cluster);
      return;
    } catch (error) {
      if (!(error instanceof ReconcilerError) || !isSettling(error)) throw error;
    }
    await delay(wait);
  }
  await applyAsNew(desired, cluster);
}

/** The first revision of etcd, which no object has: an apply that names it makes an object, and conflicts with one that is there. */
const OF_NO_OBJECT = '1';

/** An object that has come to be since the plan is somebody's, and nobody consented to take it over. */
async function applyAsNew(desired: KubeObject, cluster: Cluster): Promise<void> {
  const asNew = { ...desired, metadata: { ...desired.metadata, resourceVersion: OF_NO_OBJECT } };
  try {
    await cluster.apply(asNew, { force: false });
  } catch (error) {
    const isThere = error instanceof ReconcilerError && error.code === 'API_CONFLICT';
    const now = isThere ? await cluster.get(desired) : undefined;
    if (now === undefined) throw error;
    // It may be our own, where the answer to an earlier try was lost.
    if (!isAppliedByUs(now) || compare(desired, now).length > 0) throw new AlreadyThereError(desired, error);
  }
}

function isSettling({ code, message }: ReconcilerError): boolean {
  return code === 'API_NOT_FOUND' || (code === 'API_FORBIDDEN' && /not found|being terminated/.test(message));
}

async function update(
  { id, desired, live, force, approved }: Extract<Write, { op: 'update' }>,
  cluster: Cluster,
): Promise<'done' | 'unchanged'> {
  // What was consented to is what was seen, and no other change.
  const after =
    force || approved !== undefined
      ? await unlessChanged(
          live,
          cluster,
          (now) => isAsPlanned(desired, live, now),
          (now) => cluster.apply(atVersionOf(now, desired), { force }),
        )
      : await applySame(id, live, desired, cluster);
  return after.metadata.resourceVersion === live.metadata.resourceVersion ? 'unchanged' : 'done';
}

/** Applies to this very object, and to no other that took its name since. */
async function applySame(
  id: ObjectId,
  { metadata: { uid } }: KubeObject,
  desired: KubeObject,
  cluster: Cluster,
): Promise<KubeObject> {
  if (uid === undefined) return await cluster.apply(desired, { force: false });
  try {
    return await cluster.apply({ ...desired, metadata: { ...desired.metadata, uid } }, { force: false });
  } catch (error) {
    if (error instanceof ReconcilerError && error.message.includes('metadata.uid'))
      throw new OtherObjectError(id);
    throw error;
  }
}

function atVersionOf({ metadata: { resourceVersion } }: KubeObject, desired: KubeObject): KubeObject {
  const versioned = resourceVersion === undefined ? {} : { resourceVersion };
  return { ...desired, metadata: { ...desired.metadata, ...versioned } };
}

/** Deleted and made again. What can be known beforehand to stand against the new object is found out first. */
async function replace(
  change: Extract<Write, { op: 'replace' }>,
  cluster: Cluster,
  created: ReadonlySet<ObjectId>,
): Promise<void> {
  const { id, desired, live, again } = change;
  const tried = await cluster.dryRun(trial(change), { force: false });
  if (tried.result === 'rejected' && !isOnlyCrowded(tried)) {
    throw new ReplaceRejectedError(id, tried.code, tried.why, tried.hint);
  }
  await unlessChanged(
    live,
    cluster,
    (now) => (again === true ? isSameObject(live, now) : isReplaceable(desired, live, now)),
    (now) => cluster.delete(now),
  );
  let state: 'going' | 'missing' = 'going';
  try {
    await cluster.waitGone(live, GONE_WITHIN_MS);
    state = 'missing';
    await create(desired, cluster, created);
  } catch (error) {
    throw error instanceof ReconcilerError ? new ReplaceBrokenError(id, state, error) : error;
  }
}

function isSameObject({ metadata: { uid } }: KubeObject, { metadata: now }: KubeObject): boolean {
  return now.uid === uid && now.deletionTimestamp === undefined;
}

/** Deletes only what is still what the plan saw: it is read again, and its UID and version are preconditions. */
async function prune(
  { id, live }: Extract<Write, { op: 'prune' }>,
  cluster: Cluster,
): Promise<'done' | 'unchanged'> {
  const now = await cluster.get(live);
  if (now === undefined) return 'unchanged';
  const why = await pruneObstacle(live, now, cluster);
  if (why !== undefined) throw new PruneMismatchError(id, why);
  if (now.metadata.deletionTimestamp !== undefined) return 'unchanged';
  await unlessChanged(
    now,
    cluster,
    (later) => pruneMismatch(live, later) === undefined,
    (later) => cluster.delete(later),
  );
  return 'done';
}

/** Tries of a write to an object that keeps changing elsewhere. */
const RACES = 5;

/**
 * Writes to the version of an object that was read and to no other. Controllers write the status of a busy object all
 * the time, so where one came in between, the object is read again, and if it still `fits`, so is the write.
 */
async function unlessChanged<Result>(
  read: KubeObject,
  cluster: Cluster,
  fits: (now: KubeObject) => boolean,
  attempt: (live: KubeObject) => Promise<Result>,
): Promise<Result> {
  let live = read;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(live);
    } catch (error) {
      const isRace = error instanceof ReconcilerError && error.code === 'API_CONFLICT';
      const now = isRace && tries < RACES ? await cluster.get(live) : undefined;
      if (now === undefined || !fits(now)) throw error;
      live = now;
    }
  }
}
