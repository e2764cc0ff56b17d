import type { Approval } from '../../../../schemas/approval.ts';
import type { Spec } from '../../spec/spec.ts';
import type { ApprovalRequest } from './request.ts';
import type { ApprovalRules } from './rules.ts';
import type { ApprovalUse } from './use.ts';

export type ApprovalSpec = Extract<Spec, { kind: 'Approval' }>;

/** An approval that a change goes ahead with. */
export interface Grant {
  readonly name: string;
  readonly digest: string;
  readonly expires: string;
  /** `file:line`. */
  readonly source: string;
}

/** Why an approval gives no consent to a request of its own digest. */
export type Fault = 'expired' | 'early' | 'used' | 'broader' | 'other-target' | 'other-action';

/** Whether a request has the consent that it needs. */
export type Answer =
  | { readonly granted: readonly Grant[]; readonly missing?: never }
  | { readonly granted?: never; readonly missing: number };

/** The approvals that the repository holds for one cluster, at one moment. */
export class ApprovalBook {
  readonly rules: ApprovalRules;
  readonly now: Date;
  /** By the name that it is configured with: what follows the same path in another one needs a consent of its own. */
  readonly cluster: string;
  readonly uses: readonly ApprovalUse[];
  readonly approvals: readonly ApprovalSpec[];
  readonly #byDigest: ReadonlyMap<string, readonly ApprovalSpec[]>;
  readonly #asked = new Map<string, ApprovalRequest>();
  readonly #assumed: ReadonlySet<string>;

  constructor(
    approvals: readonly ApprovalSpec[],
    { rules, uses, now, cluster }: Pick<ApprovalBook, 'rules' | 'uses' | 'now' | 'cluster'>,
    assumed: ReadonlySet<string> = new Set(),
  ) {
    this.approvals = approvals;
    this.#assumed = assumed;
    this.rules = rules;
    this.uses = uses;
    this.now = now;
    this.cluster = cluster;
    this.#byDigest = Map.groupBy(approvals, ({ approval }) => approval.spec.approvalDigest);
  }

  /** Whether `request` has as much consent as the rules ask for. */
  answer(request: ApprovalRequest): Answer {
    this.#asked.set(request.digest, request);
    if (this.rules.doubt !== undefined) return { missing: this.rules.count };
    if (this.#assumed.has(request.digest)) return { granted: [] };
    const granted = this.for(request.digest)
      .filter((spec) => this.fault(spec.approval, request) === undefined)
      .map(({ approval, source }): Grant => {
        const { approvalDigest: digest, expires } = approval.spec;
        return { name: approval.metadata.name, digest, expires, source };
      });
    const missing = this.rules.count - granted.length;
    return missing > 0 ? { missing } : { granted };
  }

  /** The same book as it would be if the requests of these digests had all consent that they need. */
  assuming(digests: ReadonlySet<string>): ApprovalBook {
    return new ApprovalBook(this.approvals, this, digests);
  }

  /** Every request that was answered, by its digest. */
  get asked(): ReadonlyMap<string, ApprovalRequest> {
    return this.#asked;
  }

  /** The approvals that were made out for a request of this digest. */
  for(digest: string): readonly ApprovalSpec[] {
    return this.#byDigest.get(digest) ?? [];
  }

  /** Why `approval`, which has the digest of `request`, does not count for it; undefined where it does. */
  fault(approval: Approval, request: ApprovalRequest): Fault | undefined {
    const { action, target } = approval.spec;
    if (action !== request.action) return 'other-action';
    const wanted = request.target;
    const isSame =
      target.kind === wanted.kind &&
      target.name === wanted.name &&
      target.namespace === wanted.namespace &&
      (target.apiVersion === undefined || target.apiVersion === wanted.apiVersion) &&
      (target.uid === undefined || target.uid === wanted.uid);
    if (!isSame) return 'other-target';
    if (wanted.uid !== undefined && target.uid === undefined) return 'broader';
    return this.timeFault(approval) ?? (this.use(approval)?.done === true ? 'used' : undefined);
  }

  /** The recorded use of `approval`, if it has been used. */
  use({ metadata, spec }: Approval): ApprovalUse | undefined {
    return this.uses.find(({ name, digest }) => name === metadata.name && digest === spec.approvalDigest);
  }

  timeFault({ spec }: Approval): 'expired' | 'early' | undefined {
    const end = Date.parse(spec.expires);
    // What is no time gives no consent.
    if (!(end > this.now.getTime())) return 'expired';
    return end - this.rules.maxAgeMs > this.now.getTime() ? 'early' : undefined;
  }
}
