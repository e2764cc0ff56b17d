/**
 * What moves by itself is told in steps: a report that is the same as the last is not written, and ten thousand nodes that
 * log a little must not mean ten thousand writes.
 */

const GIB = 1024 ** 3;

/** Free space in GiB, rounded down: the steps grow with it, and stay finer than any need of WEKA's. */
export function freeSpaceGiB(bytes: number): number {
  const whole = Math.floor(bytes / GIB);
  return whole - (whole % freeSpaceStepGiB(whole));
}

/** How far the steps of free space are apart where there is so much of it. */
export function freeSpaceStepGiB(freeGiB: number): number {
  return freeGiB < 64 ? 1 : freeGiB < 512 ? 8 : 64;
}

/** Free huge pages: exact where it is all or none, else rounded down to steps of 64 MiB. */
export function freePages(free: number, total: number, sizeKiB: number): number {
  if (free >= total) return total;
  const step = Math.max(1, Math.floor((64 * 1024) / sizeKiB));
  return free - (free % step);
}

/** Mounts in use: exact up to 8, which is what a person counts, above rounded down to a power of two. */
export function mountsInUse(count: number): number {
  return count <= 8 ? count : 2 ** Math.floor(Math.log2(count));
}
