import { compare } from '../compare.ts';
import type { Risk } from '../change.ts';
import { isAppliedByUs } from '../managed-fields.ts';
import { type Deed, evidenceOf, named, type RiskContext, valueAfter, valueBefore } from './deed.ts';
import { claimTemplates, dataGone } from './holds-data.ts';

/** Data that goes with the change, and data that from now on goes with something else. */
export function dataLoss(deed: Deed, context: RiskContext): readonly Risk[] {
  const gone = dataGone(deed, context);
  if (gone !== undefined)
    return [{ name: 'data-loss', reason: 'What it holds is deleted with it', evidence: gone }];
  if (deed.op !== 'update') return [];
  switch (deed.before?.kind) {
    case 'StatefulSet':
      return claims(deed);
    case 'PersistentVolume':
      return reclaim(deed);
    case 'Secret':
      return overwritten(deed);
    default:
      return [];
  }
}

function claims(deed: Deed): readonly Risk[] {
  if (deed.before === undefined) return [];
  const templates = claimTemplates(deed.before);
  if (templates.length === 0) return [];
  const policy = 'spec.persistentVolumeClaimRetentionPolicy';
  const of = `claims ${templates.join(', ')} of ${named(deed.before)}`;
  const had = podNumbers((path) => valueBefore(deed, path));
  const keeps = podNumbers((path) => valueAfter(deed, path));
  const stay = Math.max(0, Math.min(had.end, keeps.end) - Math.max(had.start, keeps.start));
  const pods = had.end - had.start;
  const risks: Risk[] = [];
  if (stay < pods && valueAfter(deed, `${policy}.whenScaled`) === 'Delete') {
    const evidence = `${of}, for ${pods - stay} of ${pods} pods`;
    risks.push({ name: 'data-loss', reason: 'The claims of pods that it has no more are deleted', evidence });
  }
  const rules = ['whenDeleted', 'whenScaled'].filter(
    (rule) =>
      valueAfter(deed, `${policy}.${rule}`) === 'Delete' &&
      valueBefore(deed, `${policy}.${rule}`) !== 'Delete',
  );
  if (rules.length > 0) {
    const evidence = `${of}, ${rules.map((rule) => `${rule}: Delete`).join(', ')}`;
    risks.push({ name: 'data-loss', reason: 'From now on its claims are deleted with its pods', evidence });
  }
  return risks;
}

/** From which number to which a StatefulSet has pods. */
function podNumbers(value: (path: string) => unknown): { readonly start: number; readonly end: number } {
  const start = Number(value('spec.ordinals.start') ?? 0);
  return { start, end: start + Number(value('spec.replicas') ?? 1) };
}

function reclaim(deed: Deed): readonly Risk[] {
  const policy = 'spec.persistentVolumeReclaimPolicy';
  if (deed.before === undefined) return [];
  const [gets, had] = [valueAfter(deed, policy), valueBefore(deed, policy)].map((value) =>
    typeof value === 'string' ? value : 'Retain',
  );
  // Recycle wipes what Delete takes away.
  if (gets === 'Retain' || gets === had || had === 'Delete') return [];
  const evidence = `${named(deed.before)}, until now reclaim policy ${had}`;
  return [{ name: 'data-loss', reason: 'From now on its data is deleted with its claim', evidence }];
}

/**
 * Values of a Secret that somebody else has set, and that nothing repeats: no manifest has them, and the plan hides
 * them. A plan shows what a ConfigMap held, and drift is what we had set before.
 */
function overwritten({ before, after }: Deed): readonly Risk[] {
  if (before === undefined || after === undefined) return [];
  const isForeign = !isAppliedByUs(before);
  const keys = compare(after, before).flatMap(({ path: [root, key], from, cause }) => {
    const isData = root !== undefined && 'field' in root && ['data', 'binaryData'].includes(root.field);
    const isLost = from !== undefined && (cause === 'conflict' || (isForeign && cause === 'spec'));
    return isData && isLost && key !== undefined && 'field' in key ? [key.field] : [];
  });
  if (keys.length === 0) return [];
  const evidence = evidenceOf(keys, (list) => `${list} of ${named(before)}`);
  return [
    { name: 'data-loss', reason: 'Values that are written down nowhere else are overwritten', ...evidence },
  ];
}
