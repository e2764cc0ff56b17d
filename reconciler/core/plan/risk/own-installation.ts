import type { Risk } from '../change.ts';
import { type Deed, evidenceOf, named, type RiskContext } from './deed.ts';

/** Names and marks, which say nothing of what an object does. */
const HARMLESS = ['metadata.labels', 'metadata.annotations', 'spec.template.metadata.labels'];

/** A change of what we are made of: whoever makes it may have whatever we may. */
export function ownInstallation(
  { id, op, fields, before, after }: Deed,
  { own }: RiskContext,
): readonly Risk[] {
  const object = after ?? before;
  if (object === undefined || own?.has(id) !== true) return [];
  const paths = fields
    .map(({ path }) => path)
    .filter((path) => !HARMLESS.some((each) => path.startsWith(each)));
  if (op === 'update' && paths.length === 0) return [];
  const what = op === 'update' ? paths : [`${op} it`];
  return [
    {
      name: 'privilege',
      reason: 'It changes weka-gitops itself, and so what the repository may do',
      ...evidenceOf(what, (list) => `${named(object)}: ${list}`),
    },
  ];
}
