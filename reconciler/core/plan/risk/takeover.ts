import type { KubeObject } from '../../kube/object.ts';
import type { Risk } from '../change.ts';
import { compare } from '../compare.ts';
import { formatPath } from '../field-path.ts';
import { isAppliedByUs } from '../managed-fields.ts';
import { type Deed, evidenceOf, named } from './deed.ts';

/**
 * What somebody else manages now, and would not any more. Drift is none, since we had those fields before, nor is a field that is ours
 * and that a hand has written once as well.
 */
export function takeover(deed: Deed): readonly Risk[] {
  const { before, after } = deed;
  if (before === undefined || after === undefined) return [];
  return [
    ...(isAppliedByUs(before) ? [] : [wholeObject(before)]),
    // Comparing costs, and only somebody's fields can be taken.
    ...(deed.fields.some(({ manager }) => manager !== undefined) ? takenFields(before, after) : []),
  ];
}

function wholeObject(before: KubeObject): Risk {
  const managers = [
    ...new Set(
      (before.metadata.managedFields ?? [])
        .filter(({ subresource }) => !subresource)
        .map(({ manager = 'unknown' }) => manager),
    ),
  ].toSorted();
  const who = (list: string) => `${named(before)}${managers.length === 0 ? '' : `, managed by ${list}`}`;
  return {
    name: 'takeover',
    reason: 'It exists already, and another made it',
    ...evidenceOf(managers, who),
  };
}

function takenFields(before: KubeObject, after: KubeObject): readonly Risk[] {
  const taken = compare(after, before).flatMap(({ path, cause, manager }) =>
    manager !== undefined && cause === 'conflict' ? [`${formatPath(path)} from ${manager}`] : [],
  );
  if (taken.length === 0) return [];
  const evidence = evidenceOf(taken, (list) => `${list} in ${named(before)}`);
  return [{ name: 'takeover', reason: 'Fields are taken from another manager', ...evidence }];
}
