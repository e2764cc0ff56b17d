import { createHash } from 'node:crypto';
import { canonicalJson } from '../kube/hash.ts';
import type { Change, FieldChange, Risk } from './change.ts';
import { withPlainMarks } from './mark.ts';
import { withoutValues } from './without-values.ts';

/**
 * `sha256:…` over what a plan would do: each change's operation, target with its UID, all that is asked for, the fields that
 * change with what they were, and what may go wrong. Commit, source lines, resourceVersions, names of pods and what proving adds
 * are left out, so the same work has the same digest wherever it comes from. The values of Secrets, and what stands encrypted in the
 * repository, are left out too; which keys a Secret has is not.
 */
export function planDigest(changes: readonly Change[]): string {
  const hash = createHash('sha256');
  const work = changes.filter(({ op }) => op !== 'keep');
  // One by one: together they may be longer than a text can be.
  for (const change of work.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)))
    hash.update(`${canonicalJson(digested(change))}\n`);
  return `sha256:${hash.digest('hex')}`;
}

function digested({ op, id, fields, flags, risks = [], sealed, ...rest }: Change): unknown {
  return {
    op,
    id,
    fields: fields.map(asDigested).toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    flags: flags.filter((flag) => flag !== 'unproven'),
    risks: risks.map(boundRisk),
    ...('live' in rest && rest.live !== undefined ? { uid: rest.live.metadata.uid } : {}),
    // Not all that is asked for is a field that changes, and what looks like a secret is hidden in the fields.
    ...('desired' in rest ? { desired: withoutValues(rest.desired, sealed) } : {}),
  };
}

/**
 * What a digest holds of a risk: all that shows it, and no names of pods. How many pods stop is not in it, since that moves with
 * every rollout and every autoscaler.
 */
export function boundRisk({ name, reason, evidence, bound = evidence }: Risk): object {
  return { name, reason, ...(bound === undefined || name === 'restart' ? {} : { evidence: bound }) };
}

/** Marks differ between processes; when and how a field was set changes nothing of the work. */
function asDigested({ by: _how, at: _when, ...field }: FieldChange): Pick<FieldChange, 'path'> {
  return withPlainMarks(field) as FieldChange;
}
