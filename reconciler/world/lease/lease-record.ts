import { record } from '../../core/kube/json.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { clip, oneLine } from '../../core/report/plain.ts';

/** A Lease of coordination.k8s.io/v1, as far as an election looks at it. */
export interface LeaseRecord {
  /** Absent where nobody holds it. */
  readonly holder: string | undefined;
  readonly durationMs: number | undefined;
  /** How often it changed hands: the term of whoever holds it. */
  readonly transitions: number;
  /** Differs after every write. */
  readonly version: string;
}

export function readRecord({ metadata, spec }: KubeObject): LeaseRecord {
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = record(spec);
  return {
    holder: typeof holderIdentity === 'string' && holderIdentity !== '' ? holderIdentity : undefined,
    durationMs: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds * 1000 : undefined,
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    version: metadata.resourceVersion ?? '',
  };
}

/** A holder's name is whatever somebody wrote there. */
export function printableHolder(holder: string): string {
  return clip(oneLine(holder), 200);
}

export interface Claim {
  readonly holder: string;
  readonly durationMs: number;
  readonly term: number;
  readonly acquiredAt: Date;
  readonly renewedAt: Date;
}

/** `lease` with its record taken by, or renewed for, `claim`; what others set besides stays. */
export function claimed(lease: KubeObject, claim: Claim): KubeObject {
  const spec = {
    ...record(lease['spec']),
    holderIdentity: claim.holder,
    // Whole seconds are all that it can say. More is safe: only a contender goes by it.
    leaseDurationSeconds: Math.ceil(claim.durationMs / 1000),
    acquireTime: microTime(claim.acquiredAt),
    renewTime: microTime(claim.renewedAt),
    leaseTransitions: claim.term,
  };
  return { ...lease, spec };
}

/** `lease` without a holder, so that whoever waits need not wait on. Its term is kept, and so never given twice. */
export function unclaimed(lease: KubeObject, at: Date): KubeObject {
  const { holderIdentity: _, ...spec } = record(lease['spec']);
  return { ...lease, spec: { ...spec, renewTime: microTime(at) } };
}

/** Kubernetes reads this type of time with six digits of fraction only. */
function microTime(at: Date): string {
  return at.toISOString().replace(/Z$/, '000Z');
}
