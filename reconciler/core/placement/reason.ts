import type { Taint } from '../facts/node-facts.ts';
import type { Resources } from '../facts/resources.ts';
import type { Labels } from './label-selector.ts';

/** Why a node does not take a container. The order is the order of telling: what has to be so first comes first. */
export type Reason =
  | { readonly kind: 'labels'; readonly missing: Labels }
  | { readonly kind: 'node-affinity' }
  | { readonly kind: 'out-of-service'; readonly why: string }
  | { readonly kind: 'taint'; readonly taint: Taint }
  | { readonly kind: 'no-spread-label'; readonly label: string }
  | { readonly kind: 'pods'; readonly most: number; readonly lacking: number }
  | { readonly kind: 'lacks'; readonly lacking: Resources }
  | { readonly kind: 'unknown-drives'; readonly because: 'unreported' | { readonly pod: string } }
  | { readonly kind: 'drives'; readonly free: number; readonly needed: number; readonly numa?: number }
  | { readonly kind: 'cores'; readonly ids: readonly number[]; readonly by: string }
  | { readonly kind: 'ports' }
  | { readonly kind: 'repelled'; readonly by: string; readonly label: string }
  | { readonly kind: 'not-drawn'; readonly label: string }
  | {
      readonly kind: 'spread';
      readonly label: string;
      readonly place: string;
      readonly pods: number;
      readonly maxSkew: number;
    };

/** Why no node is even looked at. */
export type WholeReason =
  | { readonly kind: 'no-node'; readonly node: string }
  | { readonly kind: 'no-port-range' }
  | { readonly kind: 'no-host'; readonly host: string };
