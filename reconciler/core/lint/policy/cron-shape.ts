const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS = [
  { name: 'minute', lowest: 0, highest: 59, words: [], offset: 0 },
  { name: 'hour', lowest: 0, highest: 23, words: [], offset: 0 },
  { name: 'day of the month', lowest: 1, highest: 31, words: [], offset: 0 },
  { name: 'month', lowest: 1, highest: 12, words: MONTHS, offset: 1 },
  { name: 'day of the week', lowest: 0, highest: 7, words: DAYS, offset: 0 },
] as const;

/** Days of the longest month of each name: the 30th of February never comes. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Why a text is no cron expression of five fields, or never comes; undefined where it does. */
export function cronFault(text: string): string | undefined {
  const parts = text.trim().split(/\s+/);
  if (text.trim() === '' || parts.length !== FIELDS.length) {
    const count =
      text.trim() === '' ? 'no fields' : parts.length === 1 ? '1 field' : `${parts.length} fields`;
    return `has ${count}, and a cron expression has five: minute, hour, day of the month, month, day of the week`;
  }
  const values: (readonly number[])[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const found = valuesOf(parts[index] ?? '', field);
    if (found === undefined) {
      return `has ${parts[index]} for the ${field.name}, which goes from ${field.lowest} to ${field.highest}`;
    }
    values.push(found);
  }
  const [, , days = [], months = []] = values;
  const comes = months.some((month) => days.some((day) => day <= (LONGEST[month - 1] ?? 0)));
  // With both days given, either of them is enough.
  return comes || parts[4] !== '*' ? undefined : `names day ${days.join(', ')} of months that have none`;
}

/** What one field stands for: lists of numbers, names, ranges and steps. */
function valuesOf(text: string, field: (typeof FIELDS)[number]): readonly number[] | undefined {
  const found: number[] = [];
  for (const part of text.split(',')) {
    const [, all, from, to, step] =
      /^(?:(\*)|(\d{1,2}|[a-z]{3})(?:-(\d{1,2}|[a-z]{3}))?)(?:\/(\d{1,2}))?$/i.exec(part) ?? [];
    if (all === undefined && from === undefined) return undefined;
    const first = from === undefined ? field.lowest : numberOf(from, field);
    // A step after a single number counts from it to the end.
    const single = step === undefined && all === undefined ? from : undefined;
    const last = numberOf(to ?? single ?? String(field.highest), field);
    const by = step === undefined ? 1 : Number(step);
    if (first === undefined || last === undefined || last < first || by === 0) return undefined;
    for (let value = first; value <= last; value += by) found.push(value);
  }
  return found;
}

function numberOf(
  text: string,
  { words, offset, lowest, highest }: (typeof FIELDS)[number],
): number | undefined {
  const word = (words as readonly string[]).indexOf(text.toLowerCase());
  const number = word === -1 ? Number(text) : word + offset;
  return Number.isInteger(number) && number >= lowest && number <= highest ? number : undefined;
}

/** Whether a text is an IANA name of a time zone. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
