import type {
  ExplainedField,
  ExplainedState,
  Explanation,
  WrittenOutput,
} from '../../../schemas/output/explanation.ts';
import { type Health, healthOf } from '../health/health.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';
import type { Change } from '../plan/change.ts';
import { formatPath } from '../plan/field-path.ts';
import { STATE_WORDS } from '../report/words.ts';
import { differingFields, oneField, type Subject } from './explained-fields.ts';
import { findField, parseField, unknownField } from './field-target.ts';
import { ownersOf } from './owners.ts';
import { changeOf, changeOutputOf, desiredOf, type Situation, specOf } from './situation.ts';
import type { NotFound } from './target.ts';
import { waysToChange } from './ways-to-change.ts';
import { placeText, writtenManifest } from './written.ts';

/** What an explanation says, before it is known which commits wrote its lines. */
export type Explained = Omit<Explanation, 'apiVersion' | 'kind' | 'cluster' | 'ref' | 'commit'>;

/** Why an object is as it is, or one field of it. `live` is what the cluster has, ours or not. */
export function explainObject(
  id: ObjectId,
  situation: Situation,
  {
    field,
    live = situation.live.get(id),
  }: { readonly field?: string | undefined; readonly live?: KubeObject | undefined },
): Explained | NotFound {
  const subject: Subject = {
    id,
    desired: desiredOf(situation, id),
    live,
    spec: specOf(situation, id),
    change: changeOf(situation, id),
  };
  if (field === undefined) return whole(subject, situation);
  const steps = parseField(field);
  if ('message' in steps) return steps;
  const objects = [subject.desired?.object ?? subject.spec?.manifest, live];
  const found = objects.map((object) => findField(object, steps)).find((each) => each !== undefined);
  if (found === undefined) return unknownField(id, field, steps, objects);
  const explained = oneField(found.path, subject, situation);
  const all = whole(subject, situation, [explained]);
  const { written } = all;
  return {
    ...all,
    field: formatPath(found.path),
    written: explained.written.length > 0 ? [] : written,
    owners: [],
    ...(explained.state === 'differs' || live === undefined
      ? {}
      : asItIs(explained, subject, written, situation)),
  };
}

/** A field that is as it should be, whatever becomes of the others of its object. */
function asItIs(
  field: ExplainedField,
  subject: Subject,
  written: readonly WrittenOutput[],
  situation: Situation,
): Pick<Explained, 'state' | 'now' | 'toChange'> {
  const state = field.state === 'same' ? 'in-sync' : 'not-ours';
  const ways = waysToChange({ state: 'in-sync', subject, fields: [field], written }, situation);
  return {
    state,
    now: [
      state === 'in-sync'
        ? 'The cluster has what the manifest asks for here.'
        : 'No manifest asks for this field.',
    ],
    toChange: [...ways],
  };
}

function whole(subject: Subject, situation: Situation, asked?: readonly ExplainedField[]): Explained {
  const { id, change, live, spec } = subject;
  const fields = asked ?? differingFields(subject, situation);
  const output = change === undefined ? undefined : changeOutputOf(situation, change);
  const written: WrittenOutput[] = spec === undefined ? [] : [writtenManifest(spec)];
  const state = stateOf(subject, situation);
  const health = live === undefined || state === 'not-ours' ? undefined : healthOf(live);
  return {
    target: id,
    state,
    now: [nowWords(state, subject, situation), ...(health === undefined ? [] : [healthWords(health)])],
    ...(output === undefined ? {} : { change: output }),
    written,
    fields: [...fields],
    owners: ownersOf(live),
    facts: [],
    related: relatedTo(subject, situation),
    waitsFor: [...waitsFor(subject, situation)],
    toChange: [...waysToChange({ state, subject, fields, written }, situation)],
  };
}

/** The manifest that an object is built of, or what an approval lets go ahead. */
function relatedTo({ id, spec }: Subject, { assessment }: Situation): Explained['related'] {
  if (spec === undefined) return [];
  if (spec.kind === 'Approval') {
    return assessment.changes
      .filter(({ approved = [] }) => approved.some(({ source }) => source === spec.source))
      .map((change) => ({ target: change.id, why: `goes ahead with it: ${change.op}` }));
  }
  return spec.id === id ? [] : [{ target: spec.id, why: 'is the manifest that it is built of' }];
}

const STATES = {
  create: 'will-be-created',
  update: 'will-be-changed',
  replace: 'will-be-replaced',
  prune: 'will-be-pruned',
  keep: 'in-sync',
  refuse: 'refused',
  wait: 'waits',
} as const satisfies Record<Change['op'], ExplainedState>;

function stateOf({ id, change, spec, live }: Subject, situation: Situation): ExplainedState {
  if (change !== undefined) return STATES[change.op];
  if (situation.built.broken.has(id) || situation.specs.broken.some((each) => each.id === id))
    return 'broken';
  if (spec !== undefined) return 'checked-only';
  return live === undefined ? 'missing' : 'not-ours';
}

function nowWords(state: ExplainedState, { id, change, spec }: Subject, situation: Situation): string {
  const reason = change !== undefined && 'reason' in change ? sentence(change.reason) : '';
  switch (state) {
    case 'in-sync':
      return 'It is in sync: the cluster has what its manifest asks for.';
    case 'will-be-created':
      return 'It is not in the cluster, and the next pass creates it.';
    case 'will-be-changed':
      return change?.flags.includes('drift') === true
        ? 'It drifted: the next pass puts back what its manifest asks for.'
        : 'The next pass changes it to what its manifest asks for.';
    case 'will-be-replaced':
      return `The next pass deletes it and makes it anew. ${reason}`;
    case 'will-be-pruned':
      return 'No manifest asks for it any more, and the next pass deletes it.';
    case 'waits':
      return `It waits. ${reason}`;
    case 'refused':
      return `It stays as it is until a person decides. ${reason}`;
    case 'broken':
      return `Its manifest has an error (${brokenAt(id, situation)}), so it stays as it is.`;
    case 'checked-only':
      return spec?.kind === 'Approval'
        ? 'It gives consent, and nothing of it is in the cluster.'
        : 'Its manifest is checked, and this version makes nothing of it yet.';
    case 'not-ours':
      return 'It is in the cluster, and no manifest asks for it: weka-gitops leaves it alone.';
    default:
      return 'It is not in the cluster.';
  }
}

function healthWords({ state, message }: Health): string {
  const how = state === 'failed' ? 'It does not work' : `It is ${STATE_WORDS[state]}`;
  return message === how ? `${how}.` : `${how}: ${sentence(within(message))}`;
}

/** A sentence as part of another. */
function within(text: string): string {
  return /^[A-Z][a-z]* [a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}

/** A reason with the stop that sentences have. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function brokenAt(id: ObjectId, { built, specs }: Situation): string {
  return built.broken.get(id) ?? specs.broken.find((each) => each.id === id)?.source ?? '';
}

/** What has to come before it, and what that waits for in turn. */
function waitsFor({ id, change, desired }: Subject, situation: Situation): Explained['waitsFor'] {
  if (change?.op !== 'wait' || desired === undefined) return [];
  const found = new Map<string, string>();
  const queue = [desired.object];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const needed of references(next)) {
      if (needed === id || found.has(needed)) continue;
      const why = obstacle(needed, situation);
      if (why === undefined) continue;
      found.set(needed, why);
      const more = desiredOf(situation, needed);
      if (more !== undefined) queue.push(more.object);
    }
  }
  return [...found].map(([target, why]) => ({ target, why }));
}

function obstacle(id: ObjectId, situation: Situation): string | undefined {
  const place = situation.built.broken.get(id);
  if (place !== undefined) {
    const error = situation.assessment.findings.find(
      ({ object, level, file, line }) =>
        level === 'error' && (object === id || place === placeText({ file, line })),
    );
    return `its manifest has an error (${place})${error === undefined ? '' : `: ${error.message}`}`;
  }
  const change = changeOf(situation, id);
  if (change === undefined || !('absent' in change) || !change.absent) return undefined;
  return `${change.op === 'refuse' ? 'is refused' : 'waits'}: ${change.reason}`;
}
