import { groupKind, type GroupKind, type ObjectId, parseObjectId } from '../core/kube/object.ts';
import { OBJECT_PACES, waitMs } from '../core/schedule/backoff.ts';
import type { ReconcilerError } from '../errors.ts';

/** Failures of a kind in a row, none of them an object's own, after which the others of it are not tried. */
const ENOUGH = 20;

interface Struck {
  /** Failures since one of the kind worked, or since its turn came. */
  readonly inARow: number;
  /** Turns that ended like that, in a row. */
  readonly turns: number;
  readonly until: number;
  readonly code: string;
}

/**
 * Kinds of which the API server takes no write: its storage is full, say, or their webhook is gone. A few of them are tried
 * ever more seldom, in place of thousands each at its own pace; other kinds are not held up.
 */
export class StruckKinds {
  readonly #kinds = new Map<GroupKind, Struck>();

  /** A pass begins at `now`: those whose turn it is are tried. */
  begin(now: number): void {
    for (const [kind, struck] of this.#kinds) {
      if (struck.until <= now) this.#kinds.set(kind, { ...struck, inARow: 0 });
    }
  }

  /** It is the turn of all of them. What does not work by now waits as long as it would have. */
  tryAll(now: number): void {
    for (const [kind, struck] of this.#kinds) this.#kinds.set(kind, { ...struck, until: now });
  }

  worked(id: ObjectId): void {
    this.#kinds.delete(kindOf(id));
  }

  failed(id: ObjectId, error: ReconcilerError): void {
    if (!isServers(error)) return;
    const kind = kindOf(id);
    const before = this.#kinds.get(kind) ?? { inARow: 0, turns: 0, until: -Infinity };
    this.#kinds.set(kind, { ...before, inARow: before.inARow + 1, code: error.code });
  }

  /** Why an object is not tried. Without figures, so that it is news once and not with every turn. */
  reason(id: ObjectId): string | undefined {
    const kind = kindOf(id);
    const struck = this.#kinds.get(kind);
    if (struck === undefined || struck.inARow < ENOUGH) return undefined;
    return `The API server fails at every ${kind} that it is asked to write (${struck.code}), so few are tried, and ever more seldom`;
  }

  /** Whether it is not yet the turn of an object's kind, in a pass that began at `now`. */
  isWaiting(id: ObjectId, now: number): boolean {
    return (this.#kinds.get(kindOf(id))?.until ?? -Infinity) > now;
  }

  /** A pass has ended at `now`; `open` are the objects that are not as they should be. */
  ended(now: number, random: number, open: Iterable<ObjectId>): void {
    const kinds = new Set([...open].map(kindOf));
    for (const [kind, struck] of this.#kinds) {
      if (!kinds.has(kind)) this.#kinds.delete(kind);
      else if (struck.inARow >= ENOUGH && struck.until <= now)
        this.#kinds.set(kind, waiting(struck, now, random));
    }
  }

  /** When it is the turn of the next one. */
  *turns(): Iterable<number> {
    for (const { inARow, until } of this.#kinds.values()) if (inARow >= ENOUGH) yield until;
  }
}

function waiting(struck: Struck, now: number, random: number): Struck {
  const turns = struck.turns + 1;
  const pauseMs = waitMs(turns, { random }, OBJECT_PACES['next-pass']);
  return { ...struck, turns, until: now + Math.max(1, pauseMs) };
}

function isServers({ code }: ReconcilerError): boolean {
  return code === 'API_UNAVAILABLE' || code === 'API_TIMEOUT';
}

function kindOf(id: ObjectId): GroupKind {
  return groupKind(parseObjectId(id));
}
