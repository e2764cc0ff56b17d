import { setFlagsFromString } from 'node:v8';

/** So that V8 collects garbage early, instead of letting the heap grow while little happens. */
const HEAP = ['--optimize-for-size'];

/**
 * undici parses HTTP by WebAssembly. V8 compiles that a second time, to make it fast, for which it takes 8 MiB and keeps them:
 * more than a few answers an hour are worth. On the command line the first implies the others.
 */
const HTTP = ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/** Makes V8 prefer little memory to speed. To be called before undici is loaded, which compiles at once. */
export function spareMemory(): void {
  for (const flag of [...HEAP, ...HTTP]) setFlagsFromString(flag);
}
