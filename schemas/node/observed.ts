import * as z from 'zod';

/** Stands where a value would be that could not be had. Nothing is allowed on its account. */
export const Unknown = z.object({
  unknown: z.string().min(1).max(400).describe('Why it is not known, in one sentence.'),
});
export type Unknown = z.infer<typeof Unknown>;

/** A value as it was seen, or why it was not. */
export type Observed<Value> = Value | Unknown;

/**
 * A value that may be unknown. What is missing, or is not as this version describes it, is read as unknown with that reason,
 * so that one odd field, or a report of an older or newer agent, never takes the other fields along.
 *
 * What is observed is never a bare boolean: an unknown is an object, which a careless `if` would take for true.
 */
export function observed<Schema extends z.ZodType>(schema: Schema) {
  return z
    .union([Unknown, schema])
    .catch(({ value, issues }): Unknown => unknown(mismatch(value, issues[0])));
}

/** An unknown with its reason, which is a sentence. */
export function unknown(reason: string): Unknown {
  return { unknown: reason.length <= 400 ? reason : `${reason.slice(0, 399)}…` };
}

/** Whether the value was seen. */
export function isKnown<Value>(value: Observed<Value>): value is Exclude<Value, Unknown> {
  return typeof value !== 'object' || value === null || !Object.hasOwn(value, 'unknown');
}

/** A text of at most `length` characters. Of a longer one nothing else is looked at. */
export function text(length: number) {
  return z.string().max(length, { abort: true });
}

/** A question of yes and no that has to be asked by comparing. */
export const YesNo = z.enum(['yes', 'no']);

/** What the form says of a value that is not of it, by the first thing that is wrong with it. */
function mismatch(value: unknown, raw: z.core.$ZodRawIssue | undefined): string {
  if (value === undefined) return 'The report does not tell it.';
  const found = raw && z.core.util.finalizeIssue(raw, {}, z.core.config());
  // Of the two forms it is not the one of an unknown.
  const issue = found?.code === 'invalid_union' ? found.errors.at(-1)?.[0] : found;
  const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`;
  return `It is not as this version describes it${at}${issue === undefined ? '' : `: ${issue.message}`}.`;
}
