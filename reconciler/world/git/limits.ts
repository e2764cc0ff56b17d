const MIB = 1024 * 1024;

/** What reading a repository may cost. Whoever may push could otherwise fill our memory, our disk or our day. */
export interface Limits {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** Silence of the server before and within an answer. */
  readonly idleMs: number;
  /** One request from beginning to end. */
  readonly totalMs: number;
  /** The list of refs. */
  readonly listingBytes: number;
  /** One fetch, as it comes over the wire. */
  readonly packBytes: number;
  readonly packObjects: number;
  /** One object of any kind, unpacked. Larger files are skipped over while they arrive, up to `blobBytes`. */
  readonly objectBytes: number;
  readonly blobBytes: number;
  /** All objects of one fetch, unpacked. */
  readonly unpackedBytes: number;
  /** One manifest. */
  readonly fileBytes: number;
  /** Manifests below the path. */
  readonly files: number;
  /** Files and folders below the path, manifests or not. */
  readonly entries: number;
  /** All manifests together. */
  readonly totalBytes: number;
  /** How far back the commit that was applied last is looked for. */
  readonly historyCommits: number;
  /** Packs in the clone beyond which it is made afresh. */
  readonly packs: number;
  /** Work on one merge, without what is waited for servers. */
  readonly mergeMs: number;
  /** Entries of all folders that are looked at for one merge. A folder within itself many times over has no end. */
  readonly mergeEntries: number;
  /** Files that one merge changes: beyond these nobody reviews it. */
  readonly mergeFiles: number;
}

export const DEFAULT_LIMITS: Limits = {
  connectMs: 10_000,
  idleMs: 60_000,
  totalMs: 10 * 60_000,
  listingBytes: 32 * MIB,
  packBytes: 256 * MIB,
  packObjects: 1_000_000,
  objectBytes: 32 * MIB,
  blobBytes: 1024 * MIB,
  unpackedBytes: 2048 * MIB,
  fileBytes: MIB,
  files: 20_000,
  entries: 50_000,
  totalBytes: 256 * MIB,
  historyCommits: 10_000,
  packs: 50,
  mergeMs: 30_000,
  mergeEntries: 1_000_000,
  mergeFiles: 100_000,
};

/** A size as people read it: `1 MiB`, `47.7 MiB`, `812 bytes`. Rounded up, so that what is over a limit looks so. */
export function describeBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const [size, unit] = bytes < MIB ? [bytes / 1024, 'KiB'] : [bytes / MIB, 'MiB'];
  return `${Math.ceil(size * 10) / 10} ${unit}`;
}

/** A count as people read it: `100,000`. */
export function describeCount(count: number): string {
  return count.toLocaleString('en-US');
}
