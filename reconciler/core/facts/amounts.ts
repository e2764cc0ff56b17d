import { nanos } from '../plan/quantity.ts';

const BINARY: Readonly<Record<string, number>> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** A Kubernetes quantity in whole units, rounded up: bytes, drives. 0 for what is no quantity. */
export function units(quantity: unknown): number {
  // What nearly all quantities of nodes and pods look like, of which a large cluster has a hundred thousand.
  const plain = typeof quantity === 'string' ? /^(\d{1,12})(Ki|Mi|Gi)?$/.exec(quantity) : null;
  const factor = BINARY[plain?.[2] ?? ''];
  const whole = plain === null || factor === undefined ? Number.NaN : Number(plain[1]) * factor;
  return Number.isSafeInteger(whole) ? whole : rounded(quantity, 1_000_000_000n);
}

/** A Kubernetes quantity in thousandths, rounded up: millicores. 0 for what is no quantity. */
export function millis(quantity: unknown): number {
  const plain = typeof quantity === 'string' ? /^(\d{1,12})(m?)$/.exec(quantity) : null;
  if (plain !== null) return Number(plain[1]) * (plain[2] === 'm' ? 1 : 1000);
  return rounded(quantity, 1_000_000n);
}

function rounded(quantity: unknown, unit: bigint): number {
  const value = nanos(quantity) ?? 0n;
  return Number(value > 0n ? (value + unit - 1n) / unit : value / unit);
}
