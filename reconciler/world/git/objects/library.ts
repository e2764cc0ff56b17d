import type * as Parts from './library-parts.ts';

export type Library = typeof Parts;

/** isomorphic-git, loaded when it is first needed: it takes memory and time to start, and many a process needs none of it. */
export function loadLibrary(): Promise<Library> {
  return import('./library-parts.ts');
}
