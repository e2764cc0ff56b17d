import type { Reading } from '../observe/reading.ts';

/**
 * Where something is on the host, from its root: `/proc/version`. Each character is one byte, since what the kernel has
 * names for may be no text; what this program writes itself is ASCII and the same in both.
 */
export type HostPath = string;

/** Something in a folder of the host. */
export interface Entry {
  /** Its name as text; bytes that are none are shown as U+FFFD. */
  readonly name: string;
  readonly path: HostPath;
}

/** How much a file system holds. */
export interface Space {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

export type Addresses = ReadonlyMap<string, readonly string[]>;

/** A host that is looked at and never changed. Nothing here throws on account of the host, or waits without end. */
export interface Host {
  /** As `uname -m` prints it. */
  readonly machine: string;
  /** A file's text; bytes that are none become U+FFFD. */
  text(path: HostPath, limits?: ReadLimits): Promise<Reading<string>>;
  bytes(path: HostPath, limits?: ReadLimits): Promise<Reading<Uint8Array>>;
  /** What is in a folder, by name. */
  list(path: HostPath): Promise<Reading<readonly Entry[]>>;
  /** What a path leads to. */
  kind(path: HostPath): Promise<Reading<'file' | 'folder' | 'other'>>;
  /** Where a link of the kernel's own leads; one step is the whole way there. */
  link(path: HostPath): Promise<Reading<HostPath>>;
  /** Where a path leads when all links are followed as the host would. */
  follow(path: HostPath): Promise<Reading<HostPath>>;
  space(path: HostPath): Promise<Reading<Space>>;
  /** What was asked and still does not answer. A process cannot end as usual before it does. */
  late(): readonly string[];
  /** The addresses of network interfaces, with their prefix. */
  addresses(): Promise<Reading<Addresses>>;
}

export interface ReadLimits {
  /** A larger file is not read; 64 KiB where unset. */
  readonly maxBytes?: number;
  /** Whether a file that not everyone may read counts as absent, whatever this process may read. */
  readonly publicOnly?: boolean;
}
