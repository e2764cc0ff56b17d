import type { Consent } from '../../desired/desired.ts';
import type { DriverConsents } from '../../drivers/consents.ts';
import type { ObjectId } from '../../kube/object.ts';
import type { ApprovalBook, Grant } from './book.ts';
import { type ApprovalRequest, sharedRequest } from './request.ts';

/** The danger of what goes into kernels, and of what is there already making way. */
const DANGERS = ['kernel-module'] as const;

/** The consent to put modules in place of others in this cluster, or a package in place of a trusted one. */
export function driverRequest(consent: Consent, cluster: string): ApprovalRequest {
  return sharedRequest(consent, DANGERS, cluster);
}

/** What the Approvals of a repository, and those that were used, say about drivers. */
export function driverConsents(book: ApprovalBook): DriverConsents {
  const isAsked = book.rules.required.has('kernel-module');
  return {
    digestOf: (consent) => driverRequest(consent, book.cluster).digest,
    // Of what is not understood nothing is concluded.
    holds: (digest) => !isAsked || book.rules.doubt !== undefined || endOf(digest, book) > book.now.getTime(),
    endsInMs: (digest) => {
      const left = endOf(digest, book) - book.now.getTime();
      return isAsked && left > 0 ? left : undefined;
    },
    // Whatever Settings ask consent for: what was trusted once is never given up without.
    accepting: (consent): readonly Grant[] | undefined =>
      book.answer(driverRequest(consent, book.cluster)).granted,
  };
}

/**
 * When fewer than have to have consented by this digest: one that was used counts until it ends, whether its file is there still or
 * not. The beginning of time where so many never have.
 */
function endOf(digest: string | undefined, book: ApprovalBook): number {
  if (digest === undefined) return 0;
  const ends = new Map<string, number>();
  for (const use of book.uses) {
    if (use.digest === digest) ends.set(use.name, Date.parse(use.expires));
  }
  for (const { approval } of book.for(digest)) {
    const { name } = approval.metadata;
    const known = ends.get(name);
    // Somebody may have given it a later end.
    if (known !== undefined && book.timeFault(approval) === undefined)
      ends.set(name, Math.max(known, Date.parse(approval.spec.expires)));
  }
  const latestFirst = [...ends.values()].toSorted((a, b) => b - a);
  return latestFirst[book.rules.count - 1] ?? 0;
}

/** Consent that a plan waits for beside its changes, and the objects that it is for. */
export interface RequestBeside {
  readonly request: ApprovalRequest;
  readonly targets: readonly ObjectId[];
}
