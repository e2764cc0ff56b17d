import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { DriverHands } from '../host/driver-hands.ts';

/** Whether this process has the folder for itself; `by`: which other process has it; `why`: why that cannot be told. */
export type Locked =
  | { readonly is: 'ours' }
  | { readonly is: 'taken'; readonly by: string }
  | { readonly is: 'unknown'; readonly why: string };

const MOST_TEXT = 256;

/**
 * Sees to it that one process keeps drivers by what is in a folder. The kernel holds the lock for as long as the process has the
 * file open, so that nothing of it stays when that is killed; what is in the file only says who it is.
 */
export class StateLock {
  readonly #folder: string;
  readonly #hands: Pick<DriverHands, 'lock'>;
  #held: FileHandle | undefined;

  constructor(folder: string, hands: Pick<DriverHands, 'lock'>) {
    this.#folder = folder;
    this.#hands = hands;
  }

  /** Takes it where it is free. */
  async take(): Promise<Locked> {
    if (this.#held !== undefined) return { is: 'ours' };
    let file: FileHandle | undefined;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      file = await open(join(this.#folder, 'lock'), 'a+', 0o600);
      const locked = await this.#hands.lock(file);
      if (locked === 'held') return { is: 'taken', by: await textOf(file) };
      if (locked !== 'locked') return { is: 'unknown', why: locked.unknown };
      this.#held = file;
      file = undefined;
      await this.#held.truncate(0);
      await this.#held.write(`process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}\n`);
      return { is: 'ours' };
    } catch (error) {
      // It is locked, though it could not be written there by whom.
      if (this.#held !== undefined) return { is: 'ours' };
      const { code, message } = error as NodeJS.ErrnoException;
      return { is: 'unknown', why: `${this.#folder} cannot be opened (${code ?? message}).` };
    } finally {
      await file?.close();
    }
  }

  async release(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.close();
  }
}

async function textOf(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_TEXT), 0, MOST_TEXT, 0);
  const text = buffer
    .subarray(0, bytesRead)
    .toString('utf8')
    .replaceAll(/[^\x20-\x7e]/g, '');
  return text || 'another process';
}
