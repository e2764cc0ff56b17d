import type { FileHandle } from 'node:fs/promises';
import type { Place } from './folders.ts';

/** A file of the service, of which it is known that it has its digest. */
export interface StoredFile extends Place {
  readonly sha256: string;
  readonly bytes: number;
}

/** A file that is being served: it stays until it is closed. */
export interface OpenFile {
  readonly file: StoredFile;
  readonly handle: FileHandle;
  close(): Promise<void>;
}

/** What became of a file that was sent. */
export type Received =
  /** `there`: these very bytes were there before. */
  | { readonly result: 'created' | 'there' }
  /** Other bytes have this name; of these the digest. */
  | { readonly result: 'other'; readonly sha256: string }
  /** What came is not what was announced; of this the digest. */
  | { readonly result: 'wrong-digest'; readonly sha256: string }
  | { readonly result: 'full' }
  /** Less came than was announced. */
  | { readonly result: 'cut' };
