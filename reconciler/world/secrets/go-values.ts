/**
 * What a plain scalar adds to a SOPS file's MAC: its value as Go's YAML reader takes it, written as text. Undefined for no
 * value, which adds nothing. Where this differed from Go, the MAC would not match and the file would be refused.
 */
export function macText(source: string): string | undefined {
  if (/^(~|null|Null|NULL)?$/.test(source)) return undefined;
  if (/^(true|True|TRUE)$/.test(source)) return 'True';
  if (/^(false|False|FALSE)$/.test(source)) return 'False';
  if (/^[+-]?\.(inf|Inf|INF)$/.test(source)) return source.startsWith('-') ? '-Inf' : '+Inf';
  if (/^\.(nan|NaN|NAN)$/.test(source)) return 'NaN';
  if (!/^[-+.0-9]/.test(source)) return source;
  return timeText(source) ?? numberText(source) ?? source;
}

function numberText(source: string): string | undefined {
  const plain = source.startsWith('.') ? source : source.replaceAll('_', '');
  const whole = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(plain);
  if (whole !== null) {
    const [, sign, digits = '0'] = whole;
    const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
    const value = sign === '-' ? -size : size;
    if (-(2n ** 63n) <= value && value < 2n ** 64n) return String(value);
  }
  if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? decimalText(value) : undefined;
}

/** The shortest decimal number that is read as this one, without an exponent. */
export function decimalText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [digits = '', exponent] = String(Math.abs(value)).split('e');
  if (exponent === undefined) return sign + digits;
  const [whole = '', fraction = ''] = digits.split('.');
  const point = whole.length + Number(exponent);
  const all = whole + fraction;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`;
  if (point >= all.length) return sign + all.padEnd(point, '0');
  return `${sign}${all.slice(0, point)}.${all.slice(point)}`;
}

/** A time as Go writes it. SOPS has written it so already, except for dates that somebody typed. */
function timeText(source: string): string | undefined {
  const parts =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?(Z|[-+]\d\d:\d\d)?)?$/.exec(
      source,
    );
  if (parts === null) return undefined;
  const [, year = '', month = '', day = '', mark, hour = '0', minute = '0', second = '0', fraction, zone] =
    parts;
  if (mark !== undefined && (mark === ' ') !== (zone === undefined)) return undefined;
  const two = (digits: string) => digits.padStart(2, '0');
  const text = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
  const read = new Date(`${text}Z`);
  if (Number.isNaN(read.getTime()) || read.toISOString().slice(0, 19) !== text) return undefined;
  const rest = fraction?.replace(/0+$/, '');
  const where = zone === undefined || zone === '+00:00' || zone === '-00:00' ? 'Z' : zone;
  return `${text}${rest ? `.${rest}` : ''}${where}`;
}
