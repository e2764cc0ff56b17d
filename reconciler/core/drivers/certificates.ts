import { Buffer } from 'node:buffer';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { UPLOADERS } from '../../../schemas/drivers/uploaders.ts';
import type { DesiredObject } from '../desired/desired.ts';
import { isRecord } from '../kube/json.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';

/** On a Secret whose content is issued when it is written: who it is for. */
const CERTIFICATE = 'weka-gitops.dev/certificate';
/** Names that the certificate is for, separated by commas. */
const CERTIFICATE_NAMES = 'weka-gitops.dev/certificate-names';

/** `server` proves who serves driver packages, `upload` who may bring them there. */
export type CertificateUse = 'server' | 'upload';

/** Keys of the Secret. */
export const CERTIFICATE_KEYS = { certificate: 'tls.crt', key: 'tls.key', ca: 'ca.crt' } as const;

/** What of its life a certificate may have used up before it is issued anew. */
const RENEWED_AFTER = 2 / 3;

export interface CertificateSecret {
  readonly name: string;
  readonly namespace: string;
  readonly use: CertificateUse;
  /** DNS names of a server; what an uploader is called. */
  readonly names: readonly string[];
}

/** What a certificate is for. */
export type Certificate = Pick<CertificateSecret, 'use' | 'names'>;

/** The Secret of a certificate, without what is issued when it is written. */
export function certificateSecret({ name, namespace, use, names }: CertificateSecret): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      annotations: { [CERTIFICATE]: use, [CERTIFICATE_NAMES]: names.toSorted().join(',') },
    },
    // The type for TLS would have to be complete before it is issued.
    type: 'Opaque',
  };
}

/**
 * What certificate the Secret shall hold, made by `certificateSecret`; undefined for any other object. Of a Secret that somebody else
 * wrote nothing follows from it: anybody can write the same annotations.
 */
export function certificateOf(object: Pick<KubeObject, 'kind' | 'metadata'>): Certificate | undefined {
  const { [CERTIFICATE]: use, [CERTIFICATE_NAMES]: names } = object.metadata.annotations ?? {};
  if (object.kind !== 'Secret' || names === undefined || (use !== 'server' && use !== 'upload'))
    return undefined;
  return { use, names: names.split(',') };
}

/**
 * `desired` with the content of certificates that are there and good for a while yet, so that they stay as they are; others are
 * without, and are issued when they are written. Where the authority is not known, nothing that is there is judged.
 */
export function withCertificates(
  desired: readonly DesiredObject[],
  live: ReadonlyMap<ObjectId, KubeObject>,
  { ca, now }: { readonly ca: string | undefined; readonly now: Date },
): readonly DesiredObject[] {
  return desired.map((wanted) => {
    const { certificate } = wanted;
    const data = certificate && live.get(wanted.id)?.['data'];
    if (certificate === undefined || !isRecord(data)) return wanted;
    if (ca !== undefined && !isGood(data, certificate, { ca, now })) return wanted;
    const kept = Object.fromEntries(
      Object.values(CERTIFICATE_KEYS).flatMap((key) => (key in data ? [[key, data[key]]] : [])),
    );
    return { ...wanted, object: { ...wanted.object, data: kept } };
  });
}

/** The Secrets of certificates among what is desired, by their ids. */
export function certificatesOf(desired: readonly DesiredObject[]): ReadonlyMap<ObjectId, Certificate> {
  return new Map(
    desired.flatMap(({ id, certificate }) => (certificate === undefined ? [] : [[id, certificate]])),
  );
}

/** Whether a certificate is by the newest authority of `ca`, for these names, with its own key, and has a third of its life left. */
function isGood(
  data: Readonly<Record<string, unknown>>,
  { use, names }: Certificate,
  { ca, now }: { readonly ca: string; readonly now: Date },
): boolean {
  const [certificate, key, authority] = [
    CERTIFICATE_KEYS.certificate,
    CERTIFICATE_KEYS.key,
    CERTIFICATE_KEYS.ca,
  ].map((name) => decoded(data[name]));
  if (certificate === undefined || key === undefined || authority !== ca) return false;
  try {
    const leaf = new X509Certificate(certificate);
    return (
      leaf.verify(new X509Certificate(ca).publicKey) &&
      leaf.checkPrivateKey(createPrivateKey(key)) &&
      hasLife(leaf, now) &&
      (use === 'server'
        ? names.every((name) => leaf.checkHost(name) !== undefined)
        : leaf.subject.split('\n').includes(`O=${UPLOADERS}`))
    );
  } catch {
    // What cannot be read is no certificate.
    return false;
  }
}

/** Whether a certificate, or an authority, need not be issued anew yet. */
export function hasLife(
  { validFrom, validTo }: Pick<X509Certificate, 'validFrom' | 'validTo'>,
  now: Date,
): boolean {
  const from = Date.parse(validFrom);
  const renewed = from + (Date.parse(validTo) - from) * RENEWED_AFTER;
  return from <= now.getTime() && now.getTime() < renewed;
}

function decoded(value: unknown): string | undefined {
  return typeof value === 'string' && value !== ''
    ? Buffer.from(value, 'base64').toString('utf8')
    : undefined;
}
