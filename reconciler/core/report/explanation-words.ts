import type {
  CommitOutput,
  ExplainedField,
  ExplainedState,
  Explanation,
  OwnerOutput,
  WrittenOutput,
} from '../../../schemas/output/explanation.ts';
import { count, prose, timeWords } from './plain.ts';

/** What an explanation begins with. */
export const EXPLAINED_WORDS = {
  'in-sync': 'in sync',
  'will-be-created': 'will be created',
  'will-be-changed': 'will be changed',
  'will-be-replaced': 'will be replaced',
  'will-be-pruned': 'will be pruned',
  waits: 'waits',
  refused: 'refused: a person has to decide',
  broken: 'its manifest has an error',
  'checked-only': 'checked, and nothing is made of it',
  'not-ours': 'not ours',
  'in-service': 'in service',
  'out-of-service': 'out of service',
  free: 'free',
  'in-use': 'in use',
  blocked: 'blocked',
  missing: 'missing',
  loaded: 'loaded',
  'on-the-way': 'on the way',
  'held-up': 'held up',
  'not-seen': 'not seen now',
  'not-asked-for': 'not asked for',
} as const satisfies Record<ExplainedState, string>;

/** `bf8d446  Ada Author, 2026-11-25 18:04:12 UTC: Run three exporters`. */
export function commitWords({ sha, author, date, subject }: CommitOutput): string {
  return `${prose(sha.slice(0, 7))}  ${prose(author, 100)}, ${timeWords(date)}: ${prose(subject, 200)}`;
}

/** Which commit wrote a line, or why that is not known; empty where nobody asked. */
export function sinceWords({ commit, uncommitted, older }: WrittenOutput): string {
  if (commit !== undefined) return commitWords(commit);
  if (uncommitted === true) return 'not committed yet';
  return older === undefined ? '' : prose(older);
}

/** `monitoring/exporter.yaml:18, built by the kustomization in monitoring`. */
export function writtenWords({ file, line, builtIn }: WrittenOutput): string {
  const by =
    builtIn === undefined ? '' : `, built by the kustomization in ${prose(builtIn, 200) || 'the root'}`;
  return `${prose(file, 300)}:${line}${by}`;
}

/** `kubectl-edit (Update of status, 2026-11-25 18:05:33 UTC, 3 fields)`. */
export function ownerWords({ manager, operation, subresource, time, ours, fields }: OwnerOutput): string {
  const words = [
    `${operation}${subresource === undefined ? '' : ` of ${prose(subresource, 60)}`}`,
    ...(time === undefined ? [] : [timeWords(time)]),
    ...(fields === undefined ? [] : [count(fields, 'field')]),
  ];
  return `${prose(manager, 100)}${ours ? ', which is us' : ''} (${words.join(', ')})`;
}

/** What is said below a field, line by line. */
export function fieldNotes({ why, owners, state, from }: ExplainedField): readonly string[] {
  const managed =
    owners.length > 0
      ? `managed by ${owners.map(ownerWords).join('; ')}`
      : state === 'differs' && from !== undefined
        ? 'managed by nobody'
        : '';
  return [why === undefined ? '' : prose(why), managed].filter(Boolean);
}

/** Which commit took the manifest away, or why that is not known; empty where it is there. */
export function removedWords({ removed }: Explanation): readonly string[] {
  if (removed === undefined) return [];
  const { file, commit, older } = removed;
  if (commit === undefined) return [`Not known: ${prose(older ?? '')}.`];
  return [`${file === undefined ? '' : `${prose(file, 300)}, by `}${commitWords(commit)}`];
}
