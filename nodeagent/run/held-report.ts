import { Buffer } from 'node:buffer';
import type { NodeReport } from '../../schemas/node-report.ts';
import type { NodeConfigMaps } from '../cluster/node-config-maps.ts';
import { ReportTakenError } from '../errors.ts';
import { unpackReport } from '../node-report.ts';
import type { Time } from '../time.ts';
import type { Turns } from './turns.ts';

const MINUTE = 60_000;

/** How long the report is left to another agent that writes it; twice as long each time. */
const FIRST_YIELD_MS = 5 * MINUTE;
const LONGEST_YIELD_MS = 60 * MINUTE;

/** What the cluster holds. */
export interface Held {
  readonly packed: Uint8Array | undefined;
  /** Undefined too where it is none of this version. */
  readonly report: NodeReport | undefined;
  readonly version: string | undefined;
}

export interface HeldReportParts {
  readonly node: string;
  readonly maps: NodeConfigMaps;
  readonly turns: Turns;
  readonly time: Time;
}

/**
 * The report of this node in the cluster, read once and then remembered. A write is bound to the version that is remembered.
 * So of two agents on one node, the one that comes second notices the other instead of writing over it, and leaves the
 * report to it for a while: they cannot write in turns without end.
 */
export class HeldReport {
  readonly #parts: HeldReportParts;
  #held: Held | undefined;
  /** What this agent wrote, or tried to, and may find again. */
  #own: readonly Uint8Array[] = [];
  /** What another agent was found to have written. */
  #rival: Uint8Array | undefined;
  #yieldMs = FIRST_YIELD_MS;
  #yieldsUntil = -Infinity;

  constructor(parts: HeldReportParts) {
    this.#parts = parts;
  }

  /** It may have been changed or removed: it is read anew. */
  forget(): void {
    this.#held = undefined;
  }

  async read(signal: AbortSignal): Promise<Held> {
    return (this.#held ??= await this.#read(signal));
  }

  /** The cluster holds what this agent would write. */
  agrees(): void {
    if (this.#held?.packed !== undefined) this.#stands(this.#held.packed);
  }

  /** Writes what differs from `read`; throws a ReportTakenError while it is left to another agent. */
  async write(packed: Uint8Array, report: NodeReport, signal: AbortSignal): Promise<void> {
    const { node, maps, turns, time } = this.#parts;
    const held = await this.read(signal);
    const yieldMs = this.#yieldsUntil - time.now();
    if (yieldMs > 0) throw new ReportTakenError(node, yieldMs);
    this.#own = [...this.#own.slice(-1), packed];
    try {
      const version = await turns.take(
        async () => await maps.writeReport(packed, held.version, signal),
        signal,
      );
      this.#held = { packed, report, version };
      this.#stands(packed);
    } catch (error) {
      // It may have been written all the same.
      this.forget();
      throw error;
    }
  }

  async #read(signal: AbortSignal): Promise<Held> {
    const { maps, turns, time } = this.#parts;
    const found = await turns.take(async () => await maps.readReport(signal), signal);
    if (found === undefined) return { packed: undefined, report: undefined, version: undefined };
    const { packed, version } = found;
    if (this.#own.some((own) => isSame(own, packed))) {
      this.#yieldMs = FIRST_YIELD_MS;
    } else if (this.#own.length > 0 && (this.#rival === undefined || !isSame(this.#rival, packed))) {
      this.#rival = packed;
      this.#yieldsUntil = time.now() + this.#yieldMs;
      this.#yieldMs = Math.min(LONGEST_YIELD_MS, this.#yieldMs * 2);
    }
    return { packed, report: unpackReport(packed), version };
  }
  #stands(packed: Uint8Array): void {
    this.#own = [packed];
    this.#rival = undefined;
    this.#yieldsUntil = -Infinity;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
