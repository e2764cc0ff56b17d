import { setTimeout as delay } from 'node:timers/promises';
import { groupKind, type KubeObject } from '../../core/kube/object.ts';
import { FIELD_MANAGER, INSTALL_MANAGER } from '../../core/plan/managed-fields.ts';
import { bounded } from '../apply/bounded.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { list } from '../live/list.ts';
import { installedKind, installedPath, readInstalled } from './installed-resources.ts';
import { isAppliedBy } from './try-installation.ts';

/** An object that may be found, by its kind and name, wherever it is. */
export type Known = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

/** What looks like a part of an installation. */
export interface Found {
  /** What we applied: a label alone may have been copied with its object. */
  readonly installed: readonly KubeObject[];
  /** What others made, with our labels, kinds and names. */
  readonly alike: readonly KubeObject[];
}

/** All objects that a selector finds and that have the kind and the name of something known, save those that are going already. */
export async function findInstalled(
  api: KubeApi,
  known: readonly Known[],
  labelSelector: string,
): Promise<Found> {
  const kinds = [...new Map(known.map((each) => [groupKind(each), each])).values()];
  const names = new Set(known.map(nameOf));
  const found = await bounded(kinds, 8, async ({ apiVersion, kind }) => {
    try {
      const objects = await list(api, { kind: installedKind({ apiVersion, kind }), labelSelector });
      // A list does not say of its members what they are.
      return objects.map((object): KubeObject => ({ ...object, apiVersion, kind }));
    } catch (error) {
      // A kind that the cluster does not have has no objects.
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  });
  const there = found
    .flat()
    .filter((object) => names.has(nameOf(object)) && object.metadata.deletionTimestamp === undefined);
  return { installed: there.filter(isOurs), alike: there.filter((object) => !isOurs(object)) };
}

function isOurs(object: KubeObject): boolean {
  return isAppliedBy(object, INSTALL_MANAGER) || isAppliedBy(object, FIELD_MANAGER);
}

function nameOf(object: Known): string {
  return `${groupKind(object)} ${object.metadata.name}`;
}

/** Deletes exactly this object, and what it owns after it. */
export async function removeInstalled(api: KubeApi, live: KubeObject): Promise<void> {
  const { uid } = live.metadata;
  if (uid === undefined) throw new Error('Only what was read can be deleted: its UID is the precondition.');
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Foreground',
    preconditions: { uid },
  };
  try {
    await api.request('DELETE', installedPath(live), { body });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

/** Waits until objects are gone, with all that they owned; those that are not in time are left to go. */
export async function waitRemoved(
  api: KubeApi,
  removed: readonly KubeObject[],
  timeoutMs: number,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (const object of removed) {
    while (performance.now() < end) {
      const seen = await readInstalled(api, object);
      if (seen === undefined || seen.metadata.uid !== object.metadata.uid) break;
      await delay(200);
    }
  }
}
