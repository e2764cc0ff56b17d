import type { RiskName } from '../../../schemas/risk.ts';
import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Change, isWrite, unmade, type Write } from './change.ts';
import { withHolds } from './hold.ts';

/** What a person set up to hold us back: in the cluster, where it works when git is the trouble, or in the Settings. */
export interface Brake {
  /** `suspended`: nothing is written. `frozen`: nothing is deleted, replaced or lost for good. */
  readonly state: 'suspended' | 'frozen';
  readonly reason: string;
  /** Where it stands, if not in the cluster. */
  readonly by?: 'settings';
}

/** Names of the two ConfigMaps, in the installation's namespace, whose being there is the brake. */
export function brakeNames(installation: string): { readonly suspend: string; readonly freeze: string } {
  return { suspend: `${installation}-suspend`, freeze: `${installation}-freeze` };
}

/** The stronger of those that are on; of a ConfigMap, with the text that it holds under `reason`. */
export function brakeOf(found: {
  readonly suspend: KubeObject | undefined;
  readonly freeze: KubeObject | undefined;
  /** Spec.suspend of the Settings. */
  readonly settings?: string | undefined;
}): Brake | undefined {
  if (found.suspend !== undefined) return { state: 'suspended', reason: reasonOf(found.suspend) };
  if (found.settings !== undefined)
    return { state: 'suspended', reason: found.settings.trim(), by: 'settings' };
  if (found.freeze !== undefined) return { state: 'frozen', reason: reasonOf(found.freeze) };
  return undefined;
}

function reasonOf(configMap: KubeObject): string {
  const text = record(configMap['data'])['reason'];
  return typeof text === 'string' && text.trim() !== '' ? text.trim().slice(0, 500) : 'no reason is given';
}

/** Why `write` must not be carried out under the brake; undefined where it may. */
export function brakeReason(write: Write, brake: Brake | undefined): string | undefined {
  if (brake === undefined) return undefined;
  if (brake.state === 'suspended')
    return `Suspended${brake.by === undefined ? '' : ' by Settings spec.suspend'}: ${brake.reason}`;
  return isDestructive(write) ? `Frozen: ${brake.reason}` : undefined;
}

/** Whether carrying it out deletes something, takes modules from a kernel, or sets something that lets data go or cannot be taken back. */
export function isDestructive({ op, risks = [] }: Write): boolean {
  return op === 'prune' || op === 'replace' || risks.some(({ name }) => UNDER_FREEZE.has(name));
}

const UNDER_FREEZE: ReadonlySet<RiskName> = new Set(['data-loss', 'irreversible', 'kernel-module']);

/** The plan under the brake: what may not be done waits, and so does what needs it. */
export function withBrake(changes: readonly Change[], brake: Brake | undefined): readonly Change[] {
  if (brake === undefined) return changes;
  const held = changes.map((change): Change => {
    const reason = isWrite(change) ? brakeReason(change, brake) : undefined;
    return reason === undefined || !isWrite(change) ? change : unmade(change, 'wait', reason);
  });
  return withHolds(held);
}
