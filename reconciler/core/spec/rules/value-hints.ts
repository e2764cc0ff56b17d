import { isRecord } from '../../kube/json.ts';

/** What to write where a value has not the form that `expected` asks for and its cause is plain; undefined elsewhere. */
export function formHint(expected: string, value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  // WEKA's own durations have days, as ours do.
  if (expected.includes('a duration')) return durationHint(text, /7d|30d/.test(expected));
  if (expected.includes('a quantity')) return quantityHint(text);
  if (expected.includes('a capacity')) return 'Write a number and a unit, such as 500TiB, 500TB or 1.5PiB.';
  if (/^a (whole )?number/.test(expected)) return numberHint(text);
  if (expected.includes('https://') && /^[\w.-]+(:\d+)?(\/\S*)?$/.test(text)) return `Write https://${text}.`;
  if (expected.includes('a subnet') && /^\d+(\.\d+){3}$/.test(text)) {
    return `Add how many bits its addresses share, such as ${text}/24.`;
  }
  return undefined;
}

const UNITS = ['', 'k', 'm', 'g', 't', 'p'];

/** A size where a field counts in a unit of its own, which its description names. */
function numberHint(text: string): string | undefined {
  const [, amount, unit = '', end] = /^(-?\d{1,9})\s*([kmgtp])(ib?|b)?$/.exec(text.toLowerCase()) ?? [];
  if (amount === undefined) return undefined;
  const bytes = Number(amount) * (end?.startsWith('i') ? 1024 : 1000) ** UNITS.indexOf(unit);
  const [mib, gib] = [bytes / 1024 ** 2, bytes / 1024 ** 3].map(Math.floor);
  const ofGib = gib === 0 ? '' : `, and ${gib} of one in GiB`;
  return `Write a number alone, in the unit of the field: ${text} is ${mib} of one in MiB${ofGib}.`;
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
