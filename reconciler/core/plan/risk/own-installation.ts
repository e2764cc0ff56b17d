import { isRecord } from '../../kube/json.ts';
import type { FieldChange, Risk } from '../change.ts';
import { type Deed, evidenceOf, named, type RiskContext } from './deed.ts';

/** Where names and marks stand, the longest first. */
const MARKS = ['spec.template.metadata.labels', 'metadata.labels', 'metadata.annotations'];
/** Ours, which say nothing of what an object does; those of others may give rights, or let something past an admission check. */
const OURS =
  /^(app\.kubernetes\.io\/(instance|managed-by|name|part-of|version)|applyset\.kubernetes\.io\/.+|weka-gitops\.dev\/.+)$/;

/** A change of what we are made of: whoever makes it may have whatever we may. */
export function ownInstallation(
  { id, op, fields, before, after }: Deed,
  { own }: RiskContext,
): readonly Risk[] {
  const object = after ?? before;
  if (object === undefined || own?.has(id) !== true) return [];
  const paths = fields.filter((field) => !isHarmless(field)).map(({ path }) => path);
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

function isHarmless({ path, from, to }: FieldChange): boolean {
  const marks = MARKS.find((each) => path.startsWith(each));
  if (marks === undefined) return false;
  // A map that comes or goes as a whole stands for all that is in it.
  if (path === marks) return [from, to].every((map) => map === undefined || isOurs(map));
  const rest = path.slice(marks.length);
  const key = /^\["(.*)"\]$/.exec(rest)?.[1] ?? rest;
  return OURS.test(key);
}

function isOurs(map: unknown): boolean {
  return isRecord(map) && Object.keys(map).every((key) => OURS.test(key));
}
