import type { Cause } from '../core/schedule/backoff.ts';
import type { ReconcilerError } from '../errors.ts';
import { isClusterWide } from '../world/kubeapi/errors.ts';
import { isForgeWide } from './forge-trouble.ts';

type WideCause = Extract<Cause, 'forge' | 'api'>;

/** What a busy API server answers, or one that is about to be there again: no other question fares better. */
const BUSY: ReadonlySet<string> = new Set(['API_UNAVAILABLE', 'API_TIMEOUT']);

/** Whether the API server would say so to whatever it is asked. What it forbids is one question only. */
export function isApiWide(error: ReconcilerError): boolean {
  return isClusterWide(error) || BUSY.has(error.code);
}

/** Tells what fails for every pull request alike from what fails for one. Times are steady milliseconds. */
export class VisitCauses {
  /** When visits of pull requests failed last for a forge that could not be reached. */
  readonly #unreachable = new Map<number, number>();
  /** When the forge told last what is open. */
  #listedAt = -Infinity;

  /** The forge has told what is open. */
  listed(open: ReadonlySet<number> | undefined, now: number): void {
    this.#listedAt = now;
    if (open === undefined) return;
    for (const number of this.#unreachable.keys()) if (!open.has(number)) this.#unreachable.delete(number);
  }

  /** A visit was made in whole. */
  visited(number: number): void {
    this.#unreachable.delete(number);
  }

  /**
   * What all wait for; undefined for what concerns one. A forge that answers the poll, and cannot be reached for one pull
   * request again and again, stumbles over that one.
   */
  of(number: number, error: ReconcilerError, now: number): WideCause | undefined {
    if (!isForgeWide(error)) return isApiWide(error) ? 'api' : undefined;
    if (error.code !== 'FORGE_UNREACHABLE') return 'forge';
    const before = this.#unreachable.get(number);
    this.#unreachable.set(number, now);
    return before !== undefined && this.#listedAt > before ? undefined : 'forge';
  }
}
