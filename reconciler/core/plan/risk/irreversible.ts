import { nanos } from '../quantity.ts';
import type { Risk } from '../change.ts';
import { type Deed, named, type RiskContext, valueAfter, valueBefore } from './deed.ts';
import { dataGone } from './holds-data.ts';

/** What bringing the old manifest back does not bring back. */
export function irreversible(deed: Deed, context: RiskContext): readonly Risk[] {
  const { op, before } = deed;
  if (before === undefined) return [];
  const gone = dataGone(deed, context);
  if (gone !== undefined) return [risk('The old manifest would bring back an empty one', gone)];
  return op === 'update' && before.kind === 'PersistentVolumeClaim' ? growth(deed) : [];
}

function growth(deed: Deed): readonly Risk[] {
  const path = 'spec.resources.requests.storage';
  const from = valueBefore(deed, path);
  const to = valueAfter(deed, path);
  const [had, gets] = [nanos(from), nanos(to)];
  if (deed.before === undefined || had === undefined || gets === undefined || gets <= had) return [];
  const evidence = `${named(deed.before)}, from ${String(from)} to ${String(to)}`;
  return [risk('A volume that has grown cannot shrink again', evidence)];
}

function risk(reason: string, evidence: string): Risk {
  return { name: 'irreversible', reason, evidence };
}
