import type { Pause } from './pause.ts';

/** Lets others wait for the next thing that a watch or list tells. */
export class Tidings {
  readonly #waiting = new Set<() => void>();
  readonly #pause: Pause;

  constructor(pause: Pause) {
    this.#pause = pause;
  }

  /** Waits until something is told, but no longer than that. */
  async next(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    await this.#pause.until(promise, ms);
    this.#waiting.delete(resolve);
  }

  tell(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
