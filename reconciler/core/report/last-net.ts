import { plainMark } from '../plan/mark.ts';
import type { TextKind } from '../plan/secret-assignments.ts';
import { hideInText } from '../plan/secret-text.ts';
import { HIDDEN, holdsSealed, withoutSealed } from '../spec/sealed.ts';

/** Sentences and values, whoever wrote them; names of objects, fields and files are none. */
const TOLD: ReadonlySet<string> = new Set([
  'message',
  'hint',
  'excerpt',
  'reason',
  'evidence',
  'why',
  'from',
  'to',
  'subject',
  'pruneBlocked',
  'now',
  'toChange',
  'older',
  'text',
  'value',
  'lastLines',
  'users',
  'against',
  'does',
]);

/** Of these, those that hold what a field or file holds, line by line. */
const CONTENT: ReadonlySet<string> = new Set(['excerpt', 'from', 'to', 'text', 'lastLines']);

/**
 * The last net below what the planner has hidden: what stands encrypted in the repository is in no rendering, and nothing
 * that looks like a secret.
 */
export function withoutSecrets<Output extends object>(
  output: Output,
  sealedTexts: readonly string[] = [],
): Output {
  const clean = (value: unknown, told: TextKind | undefined): unknown => {
    if (typeof value === 'string') {
      return told === undefined ? value : hideInText(withoutSealed(value, sealedTexts), plainMark, told);
    }
    if (typeof value === 'number')
      return told !== undefined && holdsSealed(value, sealedTexts) ? HIDDEN : value;
    if (Array.isArray(value)) return value.map((each) => clean(each, told));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, clean(member, told ?? kindOf(name))]),
    );
  };
  return clean(output, undefined) as Output;
}

function kindOf(name: string): TextKind | undefined {
  if (!TOLD.has(name)) return undefined;
  return CONTENT.has(name) ? 'content' : 'sentence';
}
