/** What the map itself and the objects around some bytes take, about. */
const ENTRY_BYTES = 256;

/** Keeps values in memory while there is room for them. What comes too late is left out, so nothing may depend on it. */
export class BoundedMap<Key, Value> {
  readonly entries = new Map<Key, Value>();
  #roomBytes: number;

  constructor(mostBytes: number) {
    this.#roomBytes = mostBytes;
  }

  keep(key: Key, value: Value, bytes: number): void {
    const taken = bytes + ENTRY_BYTES;
    if (taken > this.#roomBytes || this.entries.has(key)) return;
    this.entries.set(key, value);
    this.#roomBytes -= taken;
  }
}
