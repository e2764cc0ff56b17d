import { NodeIndex } from '../node-index.ts';
import type { PortClaim } from './port-claims.ts';
import type { Labels } from '../shared-nodes.ts';

type Claim = Omit<PortClaim, 'path'>;
type Wanted = Pick<Claim, 'first' | 'last' | 'nodes' | 'spec' | 'isExclusive'>;

interface Entry {
  readonly claim: Claim;
  readonly labels: Labels;
  readonly order: number;
}

/** Ports of one part of the index: claims that are far apart are never compared. */
const PART = 256;

/** Finds claims of ports on the same nodes. */
export class ClaimIndex {
  /** Exclusive claims and the others, each by the part that their ports are in. */
  readonly #exclusive: ReadonlyMap<number, NodeIndex<Entry>>;
  readonly #others: ReadonlyMap<number, NodeIndex<Entry>>;

  /** Where the claims of each manifest begin. */
  readonly #begin = new Map<Claim['spec'], number>();

  constructor(claims: readonly Claim[]) {
    for (const [order, { spec }] of claims.entries()) {
      if (!this.#begin.has(spec)) this.#begin.set(spec, order);
    }
    const single = claims.flatMap((claim, order) => claim.nodes.map((labels) => ({ claim, labels, order })));
    this.#exclusive = byPart(single.filter(({ claim }) => claim.isExclusive));
    this.#others = byPart(single.filter(({ claim }) => !claim.isExclusive));
  }

  /** The first claim that takes any of these ports on any of these nodes, of those before that of `spec` itself. */
  first({ first, last, nodes, spec, isExclusive }: Wanted): Claim | undefined {
    let found: Entry | undefined;
    // What one manifest asks for twice is told by rules over that manifest alone.
    let end = this.#begin.get(spec) ?? Infinity;
    // Pods that exclude each other never stand on one node, whatever their ports.
    for (const index of isExclusive ? [this.#others] : [this.#others, this.#exclusive]) {
      for (const part of partsOf({ first, last })) {
        const here = index.get(part);
        if (here === undefined) continue;
        for (const labels of nodes) {
          for (const each of here.sharing(labels)) {
            if (each.order >= end) break;
            if (each.claim.first > last || first > each.claim.last) continue;
            found = each;
            end = each.order;
            break;
          }
        }
      }
    }
    return found?.claim;
  }
}

function byPart(entries: readonly Entry[]): ReadonlyMap<number, NodeIndex<Entry>> {
  const parts = new Map<number, Entry[]>();
  for (const entry of entries) {
    for (const part of partsOf(entry.claim)) {
      const list = parts.get(part);
      if (list === undefined) parts.set(part, [entry]);
      else list.push(entry);
    }
  }
  return new Map([...parts].map(([part, own]) => [part, new NodeIndex(own, ({ labels }) => labels)]));
}

function* partsOf({ first, last }: Pick<Claim, 'first' | 'last'>): Iterable<number> {
  for (let part = Math.floor(first / PART); part <= Math.floor(last / PART); part += 1) yield part;
}
