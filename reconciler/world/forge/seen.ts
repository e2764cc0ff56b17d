/** The names that were seen last, so many of them. */
export class Seen {
  readonly #most: number;
  readonly #names = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  add(name: string): void {
    // Seen again, it is among the last ones again.
    this.#names.delete(name);
    this.#names.add(name);
    for (const oldest of this.#names) {
      if (this.#names.size <= this.#most) break;
      this.#names.delete(oldest);
    }
  }
}
