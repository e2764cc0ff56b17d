import type { WatchEvent } from '../../reconciler/world/kubeapi/watch-events.ts';
import type { OpenWatch } from './fault-server.ts';

/** Tells the watches of a program apart; an API server takes no notice of it. */
const WATCHER = 'watcher';

/** How much the program has handled of each watch that it has not done with. */
export class HandledWatches {
  readonly #lines = new Map<string, number>();
  #begun = 0;

  /** A watch that is about to be asked for, by what has to be added to its query. */
  begin(): { readonly [WATCHER]: string } {
    const id = `${++this.#begun}`;
    this.#lines.set(id, 0);
    return { [WATCHER]: id };
  }

  /** The program is done with it: it was not opened, has ended, or is heard no more. */
  end({ [WATCHER]: id }: { readonly [WATCHER]: string }): void {
    this.#lines.delete(id);
  }

  /** Its events, of which each counts as handled when the next one is asked for. */
  async *each(
    watch: { readonly [WATCHER]: string },
    events: AsyncIterable<WatchEvent>,
  ): AsyncGenerator<WatchEvent> {
    const id = watch[WATCHER];
    try {
      for await (const event of events) {
        yield event;
        const lines = this.#lines.get(id);
        if (lines !== undefined) this.#lines.set(id, lines + 1);
      }
    } finally {
      this.end(watch);
    }
  }

  /** Whether all that was sent was handled, and the end of each watch that is not open any more. */
  areUpTo(open: readonly OpenWatch[]): boolean {
    const sent = new Map(open.map((watch) => [watch.query.get(WATCHER), watch]));
    return [...this.#lines].every(([id, handled]) => {
      const watch = sent.get(id);
      return watch !== undefined && !watch.isEnded && handled >= watch.lines;
    });
  }
}
