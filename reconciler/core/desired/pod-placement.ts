import type { Allocation } from '../placement/allocation.ts';

/** What is known of where a pod of WEKA stands. */
export type PodPlacement =
  | {
      readonly how: 'new' | 'kept' | 'moved';
      readonly allocation: Allocation;
      /** Where it was, and why it is not made there again, to follow the name of the node. */
      readonly from?: { readonly node: string; readonly why: string };
      /** What is odd about what the cluster says, and was chosen by all the same. */
      readonly note?: string;
    }
  /**
   * No node takes it, or it is not known which one does: it is not made. `change` is the smallest thing that helps;
   * `passing` says that it needs none, since what is missing comes by itself.
   */
  | { readonly how: 'nowhere'; readonly why: string; readonly change?: string; readonly passing?: true }
  /** What is written on the live one is not what it was made with. */
  | { readonly how: 'unknown'; readonly why: string };
