const SUFFIXES: Readonly<Record<string, readonly [base: bigint, exponent: number]>> = {
  '': [10n, 0],
  n: [10n, -9],
  u: [10n, -6],
  m: [10n, -3],
  k: [10n, 3],
  M: [10n, 6],
  G: [10n, 9],
  T: [10n, 12],
  P: [10n, 15],
  E: [10n, 18],
  Ki: [1024n, 1],
  Mi: [1024n, 2],
  Gi: [1024n, 3],
  Ti: [1024n, 4],
  Pi: [1024n, 5],
  Ei: [1024n, 6],
};

const FORM = /^([+-]?)(\d{1,30})?(?:\.(\d{0,30}))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]i?|[KMGTPE]i)?)$/;

/** Whether two texts are the same Kubernetes quantity: `1000m` is `1`, `1Gi` is `1024Mi`. False where one is none. */
export function sameQuantity(a: unknown, b: unknown): boolean {
  const left = nanos(a);
  return left !== undefined && left === nanos(b);
}

/** The same for an amount of a resource, which Kubernetes rounds up to thousandths: `100u` of a CPU is `1m`. */
export function sameResource(a: unknown, b: unknown): boolean {
  const left = nanos(a);
  const right = nanos(b);
  return left !== undefined && right !== undefined && millis(left) === millis(right);
}

function millis(value: bigint): bigint {
  const size = value < 0n ? -value : value;
  const rounded = (size + 999_999n) / 1_000_000n;
  return value < 0n ? -rounded : rounded;
}

/** The value in billionths, rounded up as apimachinery's `resource.Quantity` does; undefined for what is no quantity. */
export function nanos(value: unknown): bigint | undefined {
  const match = FORM.exec(
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '-',
  );
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', scientific, suffix = ''] = match;
  const scale = scientific === undefined ? SUFFIXES[suffix] : ([10n, Number(scientific)] as const);
  if (whole + fraction === '' || scale === undefined) return undefined;
  const [base, exponent] = scale;
  let numerator = BigInt(whole + fraction) * 10n ** 9n;
  let denominator = 10n ** BigInt(fraction.length);
  if (exponent >= 0) numerator *= base ** BigInt(exponent);
  else denominator *= base ** BigInt(-exponent);
  const rounded = (numerator + denominator - 1n) / denominator;
  return sign === '-' ? -rounded : rounded;
}
