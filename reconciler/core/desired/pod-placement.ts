import type { Allocation } from '../placement/allocation.ts';

/** What is known of where a pod of WEKA stands. */
export type PodPlacement =
  | { readonly how: 'new' | 'kept' | 'moved'; readonly allocation: Allocation }
  /** No node takes it, or it is not known which one does: it is not made. `change` is the smallest thing that helps. */
  | { readonly how: 'nowhere'; readonly why: string; readonly change?: string }
  /** What is written on the live one is not what it was made with. */
  | { readonly how: 'unknown'; readonly why: string };
