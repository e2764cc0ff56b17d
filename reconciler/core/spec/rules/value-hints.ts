import { isRecord } from '../../kube/json.ts';

/** What to write where a value has not the form that `expected` asks for and its cause is plain; undefined elsewhere. */
export function formHint(expected: string, value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  if (expected.includes('a duration')) return durationHint(String(value), expected.includes('7d'));
  return expected.includes('a quantity') ? quantityHint(String(value)) : undefined;
}

const HOURS: Readonly<Record<string, number>> = { d: 24, w: 7 * 24 };

function durationHint(text: string, hasDays: boolean): string | undefined {
  if (/^\d{1,9}$/.test(text)) {
    return `Add a unit: ${text}h are hours, ${text}m minutes and ${text}s seconds.`;
  }
  const [, count, unit] = /^(\d{1,6})([dw])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined || hasDays) return undefined;
  return `Write ${Number(count) * (HOURS[unit] ?? 1)}h: hours are the largest unit here.`;
}

function quantityHint(text: string): string | undefined {
  const [, amount, space, unit = '', binary, bytes] =
    /^(\d{1,15}(?:\.\d{1,9})?)(\s*)([kKMGTPE])(i?)([bB]?)$/.exec(text) ?? [];
  if (amount === undefined || (space === '' && bytes === '' && unit !== 'K')) return undefined;
  const letter = unit.toUpperCase();
  if (binary === 'i') return `Write ${amount}${letter}i.`;
  return `Write ${amount}${letter === 'K' ? 'k' : letter}, or ${amount}${letter}i where powers of 1024 are meant.`;
}

/** Where a name alone stands in place of a map that holds it, or a map in place of a text that has a longer form beside it. */
export function shapeHint(
  value: unknown,
  {
    field,
    fields,
    siblings,
  }: {
    /** The nearest field that the value stands in. */
    readonly field: string;
    /** What the map that belongs here has. */
    readonly fields: readonly string[];
    readonly siblings: readonly string[];
  },
): string | undefined {
  if (typeof value === 'string' && /^[\w.-]{1,63}$/.test(value) && fields.includes('name')) {
    const rest = fields.includes('namespace') ? ', namespace: NAMESPACE' : '';
    return `Write it as a map: { name: ${value}${rest} }.`;
  }
  const raw = `raw${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  return isRecord(value) && siblings.includes(raw) ? `Put ${field} in full below ${raw}.` : undefined;
}
