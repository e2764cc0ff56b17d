import type { SpecKind } from '../../../../schemas/spec.ts';
import { isRecord, record } from '../../kube/json.ts';
import { type Problem, pathText } from '../problem.ts';
import type { ValuePath } from '../source.ts';
import { withArticle } from './article.ts';
import { isDone } from './operation-done.ts';
import type { Check } from './rule-context.ts';
import { fieldsAt } from './schema-fields.ts';

/** Metadata that only the API server writes. It stands in manifests that were exported from a cluster. */
export const SERVER_METADATA: readonly string[] = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** Fields that a manifest sets and that do nothing, so that nobody waits for them to. */
export const ignoredFields: Check = function* ({ metadata, value, type, kind }) {
  for (const field of SERVER_METADATA) {
    if (isSet(metadata[field])) yield serverField(['metadata', field]);
  }
  // That an operation is done is no field to be left out.
  if (isSet(value['status']) && !isDone({ kind, value })) yield serverField(['status']);
  if (!('own' in type)) return;
  for (const field of ['finalizers', 'ownerReferences']) {
    if (isSet(metadata[field])) yield notYet(['metadata', field]);
  }
  if (type.own.actedOn.size === 0) {
    // One line says it all, and a manifest of sixty fields needs no sixty.
    const message = `This version checks ${withArticle(kind)} and does not act on it yet.`;
    yield { rule: 'ignored-field', path: ['kind'], message };
    return;
  }
  if (type.own.actedOnFor !== undefined) {
    const message = `This version checks ${withArticle(kind)} and sees to ${type.own.actedOnFor}, and to nothing else of it yet.`;
    yield { rule: 'ignored-field', path: ['kind'], message };
    return;
  }
  const { type: chosen } = record(value['spec']);
  if (typeof chosen === 'string' && type.own.checkedTypes?.has(chosen) === true) {
    const message = `This version checks ${withArticle(kind)} of type ${chosen} and does not act on it yet.`;
    yield { rule: 'ignored-field', path: ['spec', 'type'], message };
    return;
  }
  yield* unacted(value['spec'], ['spec'], type.own);
};

function* unacted(value: unknown, path: ValuePath, own: SpecKind): Generator<Problem> {
  if (!isRecord(value)) return;
  const known = fieldsAt(own.schema, path);
  for (const [name, member] of Object.entries(value)) {
    const at = [...path, name];
    const written = pathText(at);
    if (!isSet(member) || !known.includes(name) || own.actedOn.has(written)) continue;
    const partly = [...own.actedOn].some((each) => each.startsWith(`${written}.`));
    if (partly) yield* unacted(member, at, own);
    else yield notYet(at);
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function serverField(path: ValuePath): Problem {
  const message = `${pathText(path)} is written by the cluster, so the manifest's is left out.`;
  return { rule: 'ignored-field', path, at: 'name', message };
}

function notYet(path: ValuePath): Problem {
  const message = `${pathText(path)} is accepted, and not acted on by this version.`;
  return { rule: 'ignored-field', path, at: 'name', message };
}
