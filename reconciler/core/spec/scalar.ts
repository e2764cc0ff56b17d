/** What a plain (unquoted) scalar is read as. */
export type Scalar = null | boolean | number | string;

/** A plain scalar in YAML 1.2, and why it should not stand unquoted where readers disagree about it. */
export interface PlainScalar {
  readonly value: Scalar;
  readonly doubt?: { readonly level: 'error' | 'warning'; readonly message: string };
}

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const NOT_FINITE = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
/** Base 60, as YAML 1.1 has it. */
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;

/** Reads a plain scalar by the core schema of YAML 1.2, and compares with how the API server's parser reads it. */
export function plainScalar(source: string): PlainScalar {
  const value = coreReading(source);
  const theirs = apiServerReading(source);
  if (NOT_FINITE.test(source)) {
    return doubtful(source, `${source} is no number that JSON can hold, so the API server cannot take it.`);
  }
  if (typeof value === 'number' && isWhole(source) && !Number.isSafeInteger(value)) {
    return doubtful(source, `${source} is too large to be read exactly as a number.`);
  }
  if (value !== theirs) {
    return doubtful(
      value,
      `${source} is ${described(value)} in YAML 1.2, and ${described(theirs)} to the API server.`,
    );
  }
  if (SEXAGESIMAL.test(source)) {
    const message = `${source} is text to the API server, and a number in base 60 to other readers of YAML.`;
    return { value, doubt: { level: 'warning', message } };
  }
  return { value };
}

function doubtful(value: Scalar, message: string): PlainScalar {
  return { value, doubt: { level: 'error', message } };
}

function isWhole(source: string): boolean {
  return /^[-+]?[0-9]+$|^0[ox]/.test(source);
}

function described(value: Scalar): string {
  if (value === null) return 'no value';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? `the number ${value}` : String(value);
}

/** The core schema of YAML 1.2. */
function coreReading(source: string): Scalar {
  if (/^(~|null|Null|NULL)?$/.test(source)) return null;
  if (/^(true|True|TRUE)$/.test(source)) return true;
  if (/^(false|False|FALSE)$/.test(source)) return false;
  if (/^[-+]?[0-9]+$/.test(source)) return Number(source) + 0;
  if (/^0o[0-7]+$/.test(source) || /^0x[0-9a-fA-F]+$/.test(source)) return Number(source);
  return FLOAT.test(source) ? Number(source) + 0 : source;
}

/**
 * What sigs.k8s.io/yaml makes of it: YAML 1.1 with Go's spelling of numbers, without base 60, and dates left as text.
 */
function apiServerReading(source: string): Scalar {
  if (/^(~|null|Null|NULL)?$/.test(source)) return null;
  if (/^(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(source)) return true;
  if (/^(n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(source)) return false;
  if (!/^[-+.0-9]/.test(source)) return source;
  // After a leading point, Go's own rule holds: an underscore stands between digits.
  const plain = source.replaceAll(source.startsWith('.') ? /(?<=[0-9])_(?=[0-9])/g : '_', '');
  const whole = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]+|0|[1-9][0-9]*)$/.exec(plain);
  if (whole !== null) {
    const [, sign, digits = ''] = whole;
    const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return (sign === '-' ? -value : value) + 0;
  }
  const number = FLOAT.test(plain) ? Number(plain) + 0 : Number.NaN;
  return Number.isFinite(number) ? number : source;
}
