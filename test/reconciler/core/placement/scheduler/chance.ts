/** Draws that look random, and are the same for one seed on every machine. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e37_79b1) >>> 0;
  }

  /** From 0 to just below 1 (mulberry32). */
  number(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.number() * (most - least + 1));
  }

  /** True so many times of a hundred. */
  in100(times: number): boolean {
    return this.number() * 100 < times;
  }

  one<Value>(list: readonly [Value, ...Value[]]): Value {
    return list[Math.floor(this.number() * list.length)] ?? list[0];
  }

  /** What `make` gives, so many times of a hundred; else nothing. */
  maybe<Value>(times: number, make: () => Value): Value | undefined {
    return this.in100(times) ? make() : undefined;
  }
}
