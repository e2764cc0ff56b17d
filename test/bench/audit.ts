import { open } from 'node:fs/promises';
import type { AuditEvent } from '../cluster/cluster.ts';

/** A request in the API server's own log. */
export interface AuditedCall extends AuditEvent {
  /** A watch is there twice: as it begins (ResponseStarted), and as it ends. */
  readonly stage: string;
  /** With microseconds, by the clock of this machine. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Dry runs write nothing. */
export function isWrite({ verb, requestURI }: AuditedCall): boolean {
  return WRITES.has(verb) && !requestURI.includes('dryRun=');
}

/** Watches stand, and the lease is renewed, whether there are passes or not. */
export function isOfPass({ verb, objectRef }: AuditedCall): boolean {
  return verb !== 'watch' && objectRef?.resource !== 'leases';
}

/** Whether it writes one of the manifests of `configMapFiles`. */
export function isOfManifest({ verb, objectRef }: AuditedCall): boolean {
  return verb === 'patch' && objectRef?.name?.startsWith('settings-') === true;
}

/** Reads the API server's log from where it was left off, since it grows by a line for each of many thousand requests. */
export class Audit {
  readonly #file: string;
  readonly #usernames: readonly string[];
  #offset = 0;

  constructor(file: string, usernames: readonly string[]) {
    this.#file = file;
    this.#usernames = usernames;
  }

  /** Leaves out all that was asked so far. */
  async skip(): Promise<void> {
    await using file = await open(this.#file);
    this.#offset = (await file.stat()).size;
  }

  /** What the program under test asked since the last look. */
  async calls(): Promise<readonly AuditedCall[]> {
    const calls = await this.callsOf('weka-gitops/');
    return calls.filter(({ user }) => this.#usernames.includes(user.username));
  }

  /** What programs with such a user agent asked since the last look. The server writes a line before it answers. */
  async callsOf(userAgent: string): Promise<readonly AuditedCall[]> {
    await using file = await open(this.#file);
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(size - this.#offset), { position: this.#offset });
    const end = buffer.lastIndexOf('\n') + 1;
    this.#offset += end;
    return buffer
      .toString('utf8', 0, end)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditedCall)
      .filter((call) => call.userAgent?.startsWith(userAgent));
  }
}
