import { plus, type Resources } from '../facts/resources.ts';
import { compareText } from './compare-text.ts';
import type { Labels } from './label-selector.ts';
import type { NodeSeats } from './node-seats.ts';
import type { Reason } from './reason.ts';
import type { Barred } from './refusals.ts';
import type { NodeChange, SmallestChange } from './result.ts';
import type { SpreadCount } from './spread-counts.ts';
import type { Shape, Wanted } from './wanted.ts';

/**
 * What would let a container fit: on the node that lacks one thing only, and least of it; or a further node. Room comes
 * before what people have decided: that a node is out of service, has no label, or has a taint.
 */
export function smallestChange(
  wanted: Wanted,
  barred: readonly Barred[],
  counts: readonly SpreadCount[],
): SmallestChange {
  const { shape } = wanted;
  let best: { readonly change: NodeChange; readonly rank: number; readonly node: string } | undefined;
  for (const { node, reasons } of barred) {
    const [reason, ...others] = reasons;
    const change = others.length === 0 ? changeFor(reason, node) : undefined;
    if (change === undefined) continue;
    const rank = rankOf(change, shape);
    if (best !== undefined && (rank - best.rank || compareText(node.name, best.node)) >= 0) continue;
    best = { change, rank, node: node.name };
  }
  return {
    ...(best !== undefined && { onNode: best.change }),
    ...(wanted.node === undefined && { newNode: { labels: labelsOf(shape, counts), room: together(shape) } }),
  };
}

function changeFor(reason: Reason, node: NodeSeats): NodeChange | undefined {
  const { name } = node;
  switch (reason.kind) {
    case 'lacks':
      return { kind: 'room', node: name, more: reason.lacking };
    case 'drives': {
      const { needed, free, numa } = reason;
      return { kind: 'drives', node: name, more: needed - free, ...(numa !== undefined && { numa }) };
    }
    case 'pods':
      return { kind: 'pods', node: name, more: 1 };
    case 'out-of-service':
      return { kind: 'service', node: name, why: reason.why };
    case 'labels':
      return { kind: 'labels', node: name, labels: reason.missing };
    case 'taint':
      return { kind: 'taint', node: name, taint: reason.taint };
    default:
      return undefined;
  }
}

/** Less is smaller. Room counts by its share of what is needed. */
function rankOf(change: NodeChange, shape: Shape): number {
  switch (change.kind) {
    case 'room': {
      const need = together(shape);
      const share = (name: keyof Resources) => (need[name] > 0 ? change.more[name] / need[name] : 0);
      return (Object.keys(need) as (keyof Resources)[]).reduce((sum, name) => sum + share(name), 0);
    }
    case 'drives':
      return change.more / (shape.drives?.count ?? 1);
    case 'pods':
      return 1;
    case 'service':
      return 100;
    case 'labels':
      return 200 + Object.keys(change.labels).length;
    case 'taint':
      return 300;
  }
}

/** Labels of a node that would do: in the place that has the fewest, where places are spread over. */
function labelsOf({ nodeSelector }: Shape, counts: readonly SpreadCount[]): Labels {
  const places = counts.flatMap((count) => {
    const place = count.fewest();
    return place === undefined ? [] : [[count.constraint.topologyKey, place] as const];
  });
  return { ...nodeSelector, ...Object.fromEntries(places) };
}

function together({ requests, companions }: Shape): Resources {
  return companions.reduce((sum, each) => plus(sum, each.requests.plain), requests.plain);
}
