import { readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DriversState, NO_STATE } from '../plan/drivers-state.ts';
import { onDisk } from './disk-fault.ts';
import { writeInPlace } from './write-in-place.ts';

/** What is there, and cannot be gone by. */
export interface UnreadState {
  /** One sentence. */
  readonly why: string;
  /** Where it goes once something else is written down. */
  readonly aside: string;
  /** The disk did not give it, and may when it is asked again. */
  readonly mayPass?: true;
}

/**
 * What the agent of a node writes down on its disk. One that it cannot go by is none, since the cluster has what matters of it; and it is
 * not overwritten, since a later agent, or a person, may be able to.
 */
export class StateFile {
  readonly path: string;
  #unread: UnreadState | undefined;

  constructor(folder: string) {
    this.path = join(folder, 'state.json');
  }

  /** What was there when it was last read, and could not be gone by. */
  get unread(): UnreadState | undefined {
    return this.#unread;
  }

  async read(): Promise<DriversState> {
    this.#unread = undefined;
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Where there is no folder either, writing will say so.
      if (code !== 'ENOENT' && code !== 'ENOTDIR')
        this.#unread = {
          why: `${this.path} cannot be read (${code}).`,
          aside: `${this.path}.unreadable`,
          ...(code === 'EISDIR' ? {} : { mayPass: true }),
        };
      return NO_STATE;
    }
    const value = valueOf(text);
    const parsed = DriversState.safeParse(value);
    if (parsed.success) return parsed.data;
    const { schemaVersion } = (value ?? {}) as { readonly schemaVersion?: unknown };
    this.#unread =
      Number.isSafeInteger(schemaVersion) && (schemaVersion as number) > NO_STATE.schemaVersion
        ? {
            why: `${this.path} was written by a later version of the agent.`,
            aside: `${this.path}.v${schemaVersion as number}`,
          }
        : { why: `${this.path} is not as an agent writes it.`, aside: `${this.path}.unreadable` };
    return NO_STATE;
  }

  /** Throws a StepFailedError. */
  async write(state: DriversState): Promise<void> {
    await onDisk(dirname(this.path), async () => {
      if (this.#unread !== undefined) await rename(this.path, this.#unread.aside).catch(gone);
      this.#unread = undefined;
      await writeInPlace(this.path, JSON.stringify(state));
    });
  }
}

/** Somebody has removed it, so that nothing is left to keep aside. */
function gone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
