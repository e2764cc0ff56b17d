import { Buffer } from 'node:buffer';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Certificate, CERTIFICATE_KEYS, hasLife } from '../../core/drivers/certificates.ts';
import { EMPTY_LOCK, LOCK_KEY, lockText } from '../../core/drivers/lock.ts';
import { record } from '../../core/kube/json.ts';
import { type KubeObject, objectId, type ObjectId } from '../../core/kube/object.ts';
import type { Clock, Cluster } from '../../ports.ts';
import type { Issued } from './authority.ts';
import { AuthorityError } from './errors.ts';

/** Where the authority is kept: its key in a Secret, and what vouches for it in the ConfigMap that also has the lock. */
export interface AuthorityPlace {
  readonly namespace: string;
  readonly secret: string;
  readonly configMap: string;
}

/** The place that belongs to an installation. */
export function authorityPlace({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): AuthorityPlace {
  return { namespace, secret: `${name}-drivers-ca`, configMap: `${name}-drivers` };
}

/** Key of the ConfigMap: certificates of authorities in PEM, the newest first. */
export const AUTHORITY_KEY = 'ca.crt';

/**
 * `cluster` that fills in the Secrets of `certificates`, and no others, when they are written: what they hold is made by nobody but the process that
 * writes it, and is in no plan. The authority is made when it is first needed, and anew when a third of its life is left.
 */
export function issuing(
  cluster: Cluster,
  place: AuthorityPlace,
  clock: Clock,
  certificates: ReadonlyMap<ObjectId, Certificate>,
): Cluster {
  let known: Promise<Authority> | undefined;
  return {
    get: (...args) => cluster.get(...args),
    read: (...args) => cluster.read(...args),
    placementFacts: (...args) => cluster.placementFacts(...args),
    storageFacts: (...args) => cluster.storageFacts(...args),
    seeNodes: (...args) => cluster.seeNodes(...args),
    dryRun: (...args) => cluster.dryRun(...args),
    waitGone: (...args) => cluster.waitGone(...args),
    delete: (...args) => cluster.delete(...args),
    async apply(object, options) {
      const certificate = certificates.get(objectId(object));
      if (certificate === undefined || object['data'] !== undefined)
        return await cluster.apply(object, options);
      known ??= authority(cluster, place, clock);
      const { authority: by, bundle } = await known.catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      const { issue } = await import('./authority.ts');
      const leaf = await issue(by, certificate, clock.now());
      const data = {
        [CERTIFICATE_KEYS.certificate]: base64(leaf.certificate),
        [CERTIFICATE_KEYS.key]: base64(leaf.key),
        [CERTIFICATE_KEYS.ca]: base64(bundle),
      };
      return await cluster.apply({ ...object, data }, options);
    },
  };
}

interface Authority {
  readonly authority: Issued;
  /** It and those before it that are not over yet. */
  readonly bundle: string;
}

async function authority(cluster: Cluster, place: AuthorityPlace, clock: Clock): Promise<Authority> {
  const { namespace, secret: name } = place;
  const now = clock.now();
  const live = await cluster.get({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } });
  const kept = live && readAuthority(live, place);
  const isGood = kept !== undefined && hasLife(new X509Certificate(kept.certificate), now);
  const { newAuthority } = await import('./authority.ts');
  const authority = isGood ? kept : await newAuthority(name, now);
  const bundle = await withAuthority(cluster, place, authority.certificate, now);
  if (!isGood) {
    const { resourceVersion } = live?.metadata ?? {};
    await cluster.apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
        type: 'Opaque',
        data: {
          [CERTIFICATE_KEYS.certificate]: base64(authority.certificate),
          [CERTIFICATE_KEYS.key]: base64(authority.key),
        },
      },
      { force: true },
    );
  }
  return { authority, bundle };
}

function readAuthority(live: KubeObject, { namespace, secret }: AuthorityPlace): Issued {
  const data = record(live['data']);
  const text = (key: string) => Buffer.from(textOf(data[key]), 'base64').toString('utf8');
  const certificate = text(CERTIFICATE_KEYS.certificate);
  const key = text(CERTIFICATE_KEYS.key);
  try {
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return { certificate, key };
  } catch (cause) {
    throw new AuthorityError(namespace, secret, cause);
  }
  throw new AuthorityError(namespace, secret, undefined);
}

/** Tells everybody of the authority before anything is issued by it, and gives all that they are told of. */
async function withAuthority(
  cluster: Cluster,
  { namespace, configMap: name }: AuthorityPlace,
  certificate: string,
  now: Date,
): Promise<string> {
  const live = await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } });
  const data = record(live?.['data']);
  const older = split(textOf(data[AUTHORITY_KEY])).filter(
    (each) => each !== certificate && endOf(each) > now.getTime(),
  );
  const bundle = [certificate, ...older].join('');
  if (data[AUTHORITY_KEY] === bundle) return bundle;
  const { resourceVersion } = live?.metadata ?? {};
  await cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      // A lock is there from the start: one that has gone is not taken for an empty one.
      data: {
        ...(live === undefined && { [LOCK_KEY]: lockText(EMPTY_LOCK) }),
        ...data,
        [AUTHORITY_KEY]: bundle,
      },
    },
    { force: true },
  );
  return bundle;
}

/** When a certificate ends; long ago for what is none. */
function endOf(certificate: string): number {
  try {
    return Date.parse(new X509Certificate(certificate).validTo);
  } catch {
    return -Infinity;
  }
}

function split(bundle: string): readonly string[] {
  return (bundle.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g) ?? []).map((each) =>
    each.endsWith('\n') ? each : `${each}\n`,
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
