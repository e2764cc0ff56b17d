import { Buffer } from 'node:buffer';
import { DriversLock, EMPTY_LOCK, LOCK_KEY, lockText, MAX_LOCK_BYTES } from './core/drivers/lock.ts';
import type { ApplySetParent } from './core/desired/ownership.ts';
import { canonicalJson } from './core/kube/hash.ts';
import { record } from './core/kube/json.ts';
import type { KubeObject } from './core/kube/object.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, Interruptible } from './ports.ts';
import { configMapOf } from './recorder.ts';

/** Beside the lock: what vouches for the services of drivers. */
const CA_KEY = 'ca.crt';

/** The lock as the cluster keeps it. */
export interface KnownLock {
  /** Undefined where it is damaged: then nothing is known of what is pinned, and nothing new is. */
  readonly lock: DriversLock | undefined;
  /** Certificates, in PEM, that vouch for the services of drivers of this cluster. */
  readonly ca: string | undefined;
  /** The ConfigMap, where there is one. */
  readonly live: KubeObject | undefined;
}

/** What is written there is not what we write. */
export class DriverLockError extends ReconcilerError {
  readonly code = 'DRIVERS_LOCK_DAMAGED';
  readonly retry = 'after-change';

  constructor(set: ApplySetParent) {
    const { namespace } = set;
    const name = driverLockName(set);
    super(
      `ConfigMap ${namespace}/${name}, which says which packages of drivers are trusted, cannot be read.`,
      {
        hint:
          `Restore it from drivers.lock of the status branch, or delete it (kubectl delete configmap -n ${namespace} ${name}): ` +
          'then the packages that nodes were asked for stay trusted, a person chooses where they were asked for different ones, and of other builds those are trusted that are found next.',
      },
    );
  }
}

/** What would be written could not be kept, or not be read again. */
class DriverLockFullError extends ReconcilerError {
  readonly code = 'DRIVERS_LOCK_FULL';
  readonly retry = 'after-change';

  constructor(set: ApplySetParent) {
    super(
      `ConfigMap ${set.namespace}/${driverLockName(set)} has no room for the packages of drivers that are trusted.`,
      {
        hint: `Delete entries of old versions from ${LOCK_KEY} in it.`,
      },
    );
  }
}

/** Another program has written to the lock while a pass was made. */
class DriverLockConflictError extends ReconcilerError {
  readonly code = 'API_CONFLICT';
  readonly retry = 'next-pass';

  constructor(set: ApplySetParent, cause: unknown) {
    super(`ConfigMap ${set.namespace}/${driverLockName(set)} was changed by somebody else since the plan.`, {
      hint: 'The next pass reads it again.',
      cause,
    });
  }
}

/** What the ConfigMap is called that keeps the lock, in the installation's namespace. */
export function driverLockName({ name }: Pick<ApplySetParent, 'name'>): string {
  return `${name}-drivers`;
}

/** Where the lock is kept. */
function driverLockPlace({ name, namespace }: ApplySetParent): ReturnType<typeof configMapOf> {
  return configMapOf({ namespace, name: driverLockName({ name }) });
}

/** Reads the lock. One that is not there is empty; one that is damaged is not known. */
export async function readDriverLock(
  cluster: Pick<Cluster, 'get'>,
  set: ApplySetParent,
  options: Interruptible = {},
): Promise<KnownLock> {
  const live = await cluster.get(driverLockPlace(set), options);
  const data = record(live?.['data']);
  const { [LOCK_KEY]: text, [CA_KEY]: ca } = data;
  return {
    lock: live === undefined ? EMPTY_LOCK : parsed(live, text),
    ca: typeof ca === 'string' && ca !== '' ? ca : undefined,
    live,
  };
}

// One that is kept is never changed, so what was read of it holds as long as it is there.
const KNOWN = new WeakMap<KubeObject, DriversLock>();

function parsed(live: KubeObject, text: unknown): DriversLock | undefined {
  const known = KNOWN.get(live);
  if (known !== undefined) return known;
  let lock: DriversLock | undefined;
  try {
    lock = DriversLock.safeParse(JSON.parse(String(text))).data;
  } catch {
    return undefined;
  }
  if (lock !== undefined) KNOWN.set(live, lock);
  return lock;
}

/** Writes the lock in place of the one that was read, and of no other. */
export async function writeDriverLock(
  cluster: Pick<Cluster, 'get' | 'apply'>,
  set: ApplySetParent,
  lock: DriversLock,
  known: KnownLock,
): Promise<void> {
  if (!isKeepable(lock)) throw new DriverLockFullError(set);
  try {
    await cluster.apply(lockObject(set, lock, known.live), { force: true });
  } catch (error) {
    if (!(error instanceof ReconcilerError) || error.code !== 'API_CONFLICT') throw error;
    const now = await readDriverLock(cluster, set);
    // A new authority beside it is no matter of ours.
    if (canonicalJson(now.lock) !== canonicalJson(known.lock)) throw new DriverLockConflictError(set, error);
    await cluster.apply(lockObject(set, lock, now.live), { force: true });
  }
}

function isKeepable(lock: DriversLock): boolean {
  return DriversLock.safeParse(lock).success && Buffer.byteLength(lockText(lock)) <= MAX_LOCK_BYTES;
}

/** The first revision of etcd, which no object has: an apply that names it makes an object, and conflicts with one that is there. */
const OF_NO_OBJECT = '1';

function lockObject(set: ApplySetParent, lock: DriversLock, live: KubeObject | undefined): KubeObject {
  const place = driverLockPlace(set);
  const { [CA_KEY]: ca } = record(live?.['data']);
  return {
    ...place,
    metadata: { ...place.metadata, resourceVersion: live?.metadata.resourceVersion ?? OF_NO_OBJECT },
    data: {
      ...(typeof ca === 'string' && { [CA_KEY]: ca }),
      [LOCK_KEY]: lockText(lock),
    },
  };
}
