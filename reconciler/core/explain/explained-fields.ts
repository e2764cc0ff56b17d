import type { ExplainedField } from '../../../schemas/output/explanation.ts';
import type { FieldOutput } from '../../../schemas/output/plan.ts';
import type { DesiredObject } from '../desired/desired.ts';
import { PART_OF } from '../desired/ownership.ts';
import { ALLOCATION } from '../facts/pod-facts.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import { APPLIED_FIELDS } from '../plan/applied-fields.ts';
import type { Change } from '../plan/change.ts';
import { compare, type Difference } from '../plan/compare.ts';
import { type FieldPath, formatPath, lastField } from '../plan/field-path.ts';
import { fieldChange } from '../plan/redact.ts';
import type { Spec } from '../spec/spec.ts';
import { valueAt } from './field-target.ts';
import { ownersOfField } from './owners.ts';
import { changeOutputOf, type Situation } from './situation.ts';
import { writtenField } from './written.ts';

/** An object, and what is known of it. */
export interface Subject {
  readonly id: ObjectId;
  readonly desired: DesiredObject | undefined;
  readonly live: KubeObject | undefined;
  readonly spec: Spec | undefined;
  readonly change: Change | undefined;
}

/** Every field in which live is not as it should be, as the plan has them. */
export function differingFields(subject: Subject, situation: Situation): readonly ExplainedField[] {
  const { change } = subject;
  const planned = differencesOf(subject).filter(({ path }) => {
    const text = formatPath(path);
    return change?.fields.some((field) => field.path === text) === true;
  });
  // That our own marks come with the rest is no news.
  const telling = planned.filter(({ path }) => !isOwnMark(path));
  return (telling.length > 0 ? telling : planned).map((difference) =>
    explained(difference, 'differs', subject, situation),
  );
}

/** One field, whether it differs or not. */
export function oneField(path: FieldPath, subject: Subject, situation: Situation): ExplainedField {
  const { desired, live, spec } = subject;
  const [wanted, has] = [valueAt(desired?.object ?? spec?.manifest, path), valueAt(live, path)];
  const text = formatPath(path);
  const differs = differencesOf(subject).find((each) => overlaps(formatPath(each.path), text));
  const state = wanted === undefined ? 'not-asked-for' : 'same';
  const is = differs !== undefined || (live === undefined && desired !== undefined) ? 'differs' : state;
  const whole = { path, from: has, to: wanted, cause: differs?.cause ?? 'spec' } as const;
  return explained(differs === undefined ? whole : { ...differs, ...whole }, is, subject, situation);
}

function overlaps(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long === short || (long.startsWith(short) && /^[.[]/.test(long.slice(short.length)));
}

function differencesOf({ desired, live }: Subject): readonly Difference[] {
  return desired === undefined || live === undefined ? [] : compare(desired.object, live);
}

function explained(
  difference: Difference,
  state: ExplainedField['state'],
  subject: Subject,
  situation: Situation,
): ExplainedField {
  const { spec, live, id } = subject;
  const { path } = difference;
  const owners = ownersOfField(live, path);
  const why = reasonFor(difference, state, owners) ?? placeWords(path, subject);
  return {
    ...shown(difference, subject, situation),
    state,
    ...(why === undefined ? {} : { why }),
    written: spec === undefined ? [] : [...writtenField(spec, id, path, situation.context)],
    owners,
  };
}

/** As the plan shows it where that tells of it; otherwise hidden by the same rules. */
function shown(difference: Difference, subject: Subject, situation: Situation): FieldOutput {
  const { id, desired, live, spec, change } = subject;
  const path = formatPath(difference.path);
  const paths = (desired ?? spec)?.sealed?.paths ?? [];
  const sealed = { paths, texts: situation.assessment.sealedTexts ?? [] };
  const kind = (desired?.object ?? live ?? spec?.manifest)?.kind ?? '';
  const planned = change?.fields.find((each) => each.path === path);
  const field =
    planned ?? fieldChange(kind, difference, { sealed, within: [desired?.object ?? spec?.manifest, live] });
  return changeOutputOf(situation, { op: 'keep', id, fields: [field], flags: [] })?.fields[0] ?? { path };
}

function reasonFor(
  { path, cause, from, to }: Difference,
  state: ExplainedField['state'],
  owners: ExplainedField['owners'],
): string | undefined {
  const others = owners.filter(({ ours }) => !ours).map(({ manager }) => manager);
  const who = [...new Set(others)].join(', ');
  if (isOwnMark(path)) return 'weka-gitops sets it on every object that it applies';
  if (state === 'not-asked-for') {
    return who === ''
      ? 'no manifest asks for it, and nobody manages it: the API server fills it in'
      : `no manifest asks for it: ${who} set it`;
  }
  if (state === 'same') return undefined;
  switch (cause) {
    case 'drift':
      return `we had set it, and ${who === '' ? 'somebody' : who} ${from === undefined ? 'removed' : 'changed'} it since`;
    case 'conflict':
      return `${who === '' ? 'another manager' : who} manages it`;
    case 'spec':
      return to === undefined ? 'no manifest asks for it any more' : undefined;
  }
}

/** Of its fields that say where a pod of WEKA stands. */
function placeWords(path: FieldPath, { desired }: Subject): string | undefined {
  const { placement } = desired ?? {};
  if (placement === undefined || !('allocation' in placement)) return undefined;
  const isPin = formatPath(path).startsWith('spec.affinity') || lastField(path) === ALLOCATION;
  return isPin ? `weka-gitops pins it to its node, ${placement.allocation.node}` : undefined;
}

function isOwnMark(path: FieldPath): boolean {
  return path.length === 3 && [PART_OF, APPLIED_FIELDS].includes(lastField(path));
}
