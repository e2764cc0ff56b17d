import { DEFAULT_SETTINGS, type Settings } from '../../../../../schemas/settings.ts';
import { type KubeObject, objectId } from '../../../../../reconciler/core/kube/object.ts';
import type { Change, Write } from '../../../../../reconciler/core/plan/change.ts';
import { byId, plan } from '../../../../../reconciler/core/plan/plan.ts';
import type { StorageSeen } from '../../../../../reconciler/core/plan/risk/deed.ts';
import { withRisks } from '../../../../../reconciler/core/plan/risk/with-risks.ts';
import { APPLY_SET, applied, wanted } from '../../../../support/objects.ts';

/** The risks of a plan that makes `desired` of `live`, as `name: evidence`. */
export function plannedRisks(...situation: Parameters<typeof planned>): readonly string[] {
  return inWords(planned(...situation));
}

/** The privileges that `desired` gains over `live`, which is ours, in a cluster where `others` are as well. */
export function gained(
  desired: KubeObject,
  live?: KubeObject,
  others: readonly KubeObject[] = [],
  storage?: StorageSeen,
): readonly string[] {
  return plannedRisks([desired], [...(live === undefined ? [] : [applied(live)]), ...others], {}, storage)
    .filter((risk) => risk.startsWith('privilege: '))
    .map((risk) => risk.slice('privilege: '.length));
}

/** The reasons of the risks of that plan. */
export function plannedReasons(...situation: Parameters<typeof planned>): readonly string[] {
  return planned(...situation).flatMap(({ risks = [] }) => risks.map(({ reason }) => reason));
}

/** The plan that makes `desired` of `live`. */
export function planned(
  desired: readonly KubeObject[],
  live: readonly KubeObject[] = [],
  settings: Partial<Settings['spec']> = {},
  storage?: StorageSeen,
): readonly Change[] {
  const spec = { ...DEFAULT_SETTINGS.spec, ...settings };
  const { changes } = plan({
    desired: desired.map((object) => wanted(object)),
    live: byId(live),
    unread: [],
    broken: new Map(),
    settings: spec,
    prune: { settings: spec.prune, alreadyPruned: 0 },
    applySet: APPLY_SET,
    storage,
  });
  return changes;
}

/** The risks of a write that no plan has yet, since its kind is protected. */
export function risksOf(
  op: 'prune' | 'replace',
  before: KubeObject,
  { after = before, others = [] }: { after?: KubeObject; others?: readonly KubeObject[] } = {},
): readonly string[] {
  const base = { id: objectId(before), fields: [], flags: [], live: before };
  const write: Write =
    op === 'prune' ? { ...base, op } : { ...base, op, desired: after, reason: 'It cannot be changed' };
  return inWords(withRisks([write], { live: byId([before, ...others]), asked: new Set() }));
}

function inWords(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(({ risks = [] }) =>
    risks.map(({ name, evidence }) => (evidence === undefined ? name : `${name}: ${evidence}`)),
  );
}
