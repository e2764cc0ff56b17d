import type { GroupKind } from '../core/kube/object.ts';
import type { Log, Unread } from '../ports.ts';

type Place = Pick<Unread, 'kind' | 'namespace'>;

interface Told extends Place {
  readonly codes: Set<string>;
}

/** The gaps in what was read of the cluster: each is told once for each way in which it shows, and once when it is over. */
export class KnownGaps {
  readonly #log: Log;
  readonly #told = new Map<string, Told>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Whether the same was told of this one since it last could be read. It is, from now on. */
  isKnown({ kind, namespace, code }: Unread): boolean {
    const key = keyOf({ kind, namespace });
    const told = this.#told.get(key) ?? {
      kind,
      ...(namespace === undefined ? {} : { namespace }),
      codes: new Set(),
    };
    this.#told.set(key, told);
    const isKnown = told.codes.has(code);
    told.codes.add(code);
    return isKnown;
  }

  /** To be told what a pass could not read. */
  ended(unread: readonly Place[]): void {
    const open = new Set(unread.map(keyOf));
    for (const [key, { codes: _, ...place }] of this.#told) {
      if (open.has(key)) continue;
      this.#told.delete(key);
      this.#log.info({ cause: 'unread', ...place }, 'Works again');
    }
  }
}

function keyOf({
  kind,
  namespace,
}: {
  readonly kind: GroupKind;
  readonly namespace?: string | undefined;
}): string {
  return `${kind} ${namespace ?? ''}`;
}
