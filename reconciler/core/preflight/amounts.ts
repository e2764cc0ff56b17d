const MIB = 2 ** 20;

// Made once: to make one takes longer than all that it is asked for.
const WHOLE = new Intl.NumberFormat('en-US');
const TENTHS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** `4,600 MiB`, rounded up, since it is what is needed. */
export function mebibytes(bytes: number): string {
  return `${WHOLE.format(Math.ceil(bytes / MIB))} MiB`;
}

/** `4,599 MiB`, rounded down, since it is what there is. */
export function mebibytesLeft(bytes: number): string {
  return `${WHOLE.format(Math.max(0, Math.floor(bytes / MIB)))} MiB`;
}

/** `1 core`, `7.5 cores`. */
export function coreWords(millis: number): string {
  return millis === 1000 ? '1 core' : `${TENTHS.format(millis / 1000)} cores`;
}
