import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import { targetKey } from '../../../schemas/drivers/target.ts';
import type { Consent } from '../desired/desired.ts';
import { type ObjectId, parseObjectId } from '../kube/object.ts';
import type { Grant } from '../plan/approvals/book.ts';
import type { ApprovalTarget } from '../plan/approvals/request.ts';

/** What people have consented to about drivers, and what for. */
export interface DriverConsents {
  /** What a consent to replace loaded modules is known by in this cluster. */
  readonly digestOf: (consent: Consent) => string;
  /** Whether modules may make way by the consent of this digest, used or not: it was given and has not ended, or none is asked for. */
  readonly holds: (digest: string | undefined) => boolean;
  /** In how long a consent that holds by now ends; undefined where it does not, or none is asked for. */
  readonly endsInMs: (digest: string) => number | undefined;
  /** The Approvals that accept a package in place of a pinned one; undefined where any are missing. */
  readonly accepting: (consent: Consent) => readonly Grant[] | undefined;
}

/** Packages by whose modules others are replaced. */
export interface Replacement {
  /** The version that goes, and the SHA-256 of its package; absent where nobody knows what is loaded. */
  readonly from?: string | undefined;
  readonly fromSha256?: string | undefined;
  readonly to: string;
  readonly sha256: string;
  /** How modules make way by the intent. */
  readonly how: string;
}

/** The consent to put the modules of one package in place of those of another where the manifest `owner` asks for it. */
export function replaceConsent(owner: ObjectId, { from, fromSha256, to, sha256, how }: Replacement): Consent {
  const old = fromSha256 === undefined ? (from ?? 'others') : `${from ?? 'others'} (sha256:${fromSha256})`;
  return {
    action: 'replace-drivers',
    target: targetNamed(owner),
    content: {
      ...(from === undefined ? {} : { from }),
      ...(fromSha256 === undefined ? {} : { fromSha256 }),
      to,
      sha256,
      how,
    },
    words: `${to} (sha256:${sha256}) in place of ${old}`,
  };
}

/** A package with other bytes than those that are trusted. */
export interface Offered {
  /** Key of the service. */
  readonly service: string;
  /** What is trusted by now; where a lock was lost, all that may have been. */
  readonly sha256: string | readonly string[];
  readonly offered: DriverPackage;
  /** Where that comes from: an address, or the manifest that had it built. */
  readonly from: string;
}

/** The consent to trust a package in place of the one that was seen first. `target` is the manifest that it is for. */
export function acceptConsent(target: ObjectId, { service, sha256: old, offered, from }: Offered): Consent {
  const { file, sha256, bytes, layout } = offered;
  const olds = [old].flat();
  return {
    action: 'accept-driver-package',
    target: targetNamed(target),
    content: {
      service,
      file,
      build: targetKey(offered),
      from: olds.join(','),
      to: sha256,
      bytes: String(bytes),
      layout,
      source: from,
    },
    words: `${file} of ${service}: sha256:${sha256} (${bytes} bytes, layout ${layout}, from ${from}) in place of ${olds.map((each) => `sha256:${each}`).join(' or ')}`,
  };
}

/** How an Approval names the object of this id. */
export function targetNamed(id: ObjectId): ApprovalTarget {
  const { apiVersion, kind, namespace, name } = parseObjectId(id);
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}
