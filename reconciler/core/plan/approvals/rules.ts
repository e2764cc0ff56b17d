import { durationMs } from '../../../../schemas/duration.ts';
import type { RiskName } from '../../../../schemas/risk.ts';
import type { Settings } from '../../../../schemas/settings.ts';

/** Which dangers wait for consent, for how much of it, and for how long it holds. */
export interface ApprovalRules {
  readonly required: ReadonlySet<RiskName>;
  readonly count: number;
  readonly maxAgeMs: number;
  /** What has to be mended before anybody knows which consent is asked for; none counts until then. */
  readonly doubt?: string;
}

/** What the process asks for at least, whatever the repository says. */
export interface ApprovalFloor {
  readonly required?: readonly RiskName[] | undefined;
  readonly count?: number | undefined;
  readonly maxAge?: string | undefined;
}

/** The stricter of both: Settings may ask for more than the process, and never for less. */
export function approvalRules(
  { required, count, maxAge }: Settings['spec']['approvals'],
  floor: ApprovalFloor = {},
  doubt?: string,
): ApprovalRules {
  const ages = [maxAge, ...(floor.maxAge === undefined ? [] : [floor.maxAge])].map(durationMs);
  return {
    required: new Set([...required, ...(floor.required ?? [])]),
    count: Math.max(count, floor.count ?? 1),
    maxAgeMs: Math.min(...ages),
    ...(doubt === undefined ? {} : { doubt }),
  };
}
