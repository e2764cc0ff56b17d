import type { Resources } from '../facts/resources.ts';
import { compareText } from './compare-text.ts';
import { furtherNode, roomFor } from './further-node.ts';
import { NodeSeats } from './node-seats.ts';
import { fixedObstacles, neighbourObstacles, repelObstacles } from './obstacles.ts';
import type { Reason } from './reason.ts';
import type { Barred } from './refusals.ts';
import type { NodeChange, SmallestChange } from './result.ts';
import { type Seating, taintFor } from './seating.ts';
import { type SpreadCount, spreadCounts } from './spread-counts.ts';
import type { Shape, Wanted } from './wanted.ts';

/** Changes that are tried out at most, the smallest first: each looks at all nodes. */
const MOST_TRIES = 64;

/**
 * What would let a container fit: on the node that lacks one thing only, and least of it; or a further node. Room comes
 * before what people have decided: that a node is out of service, has no label, or has a taint.
 */
export function smallestChange(
  wanted: Wanted,
  barred: readonly Barred[],
  counts: readonly SpreadCount[],
  seating: Seating,
): SmallestChange {
  const { shape } = wanted;
  const changes = barred
    .flatMap(({ node, reasons: [reason, ...others] }) => {
      const change = others.length === 0 ? changeFor(reason, node) : undefined;
      return change === undefined ? [] : [{ change, rank: rankOf(change, shape), node }];
    })
    .toSorted((a, b) => a.rank - b.rank || compareText(a.node.name, b.node.name));
  const best = changes
    .slice(0, MOST_TRIES)
    .find(({ change, node }) => isEnough(change, shape, node, seating));
  const newNode = wanted.node === undefined ? furtherNode(shape, counts, seating) : undefined;
  return {
    ...(best !== undefined && { onNode: best.change }),
    ...(newNode !== undefined && { newNode }),
  };
}

/** Whether nothing new is in the way after a change: a node that is chosen now is counted as a place too. */
function isEnough(change: NodeChange, shape: Shape, node: NodeSeats, seating: Seating): boolean {
  switch (change.kind) {
    case 'room':
    case 'drives':
    case 'pods':
      return true;
    case 'service':
    case 'hostname':
      return isOpen(shape, new NodeSeats({ ...node.facts, obstacle: undefined }), seating);
    case 'labels': {
      // Its pods would come to another place.
      if (Object.keys(change.labels).some((label) => seating.index.hasPlacesOf(label))) return false;
      const labels = { ...node.labels, ...change.labels };
      return isOpen(shape, new NodeSeats({ ...node.facts, labels }), seating);
    }
    case 'taint': {
      const toleration = { key: change.taint.key, operator: 'Exists', effect: change.taint.effect };
      return isOpen({ ...shape, tolerations: [...shape.tolerations, toleration] }, node, seating);
    }
  }
}

function isOpen(shape: Shape, node: NodeSeats, seating: Seating): boolean {
  const counts = spreadCounts(shape, seating, node);
  return [
    fixedObstacles(shape, node, taintFor(shape, node)),
    repelObstacles(shape, node, seating),
    neighbourObstacles(shape, node, seating, counts),
  ].every((each) => each.next().done === true);
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
      return { kind: 'pods', node: name, more: reason.lacking };
    case 'out-of-service':
      return node.facts.hasTwin === true
        ? { kind: 'hostname', node: name }
        : { kind: 'service', node: name, why: reason.why };
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
      const need = roomFor(shape);
      const share = (name: keyof Resources) => (need[name] > 0 ? change.more[name] / need[name] : 0);
      return (Object.keys(need) as (keyof Resources)[]).reduce((sum, name) => sum + share(name), 0);
    }
    case 'drives':
      return change.more / (shape.drives?.count ?? 1);
    case 'pods':
      return change.more;
    case 'service':
    case 'hostname':
      return 100;
    case 'labels':
      return 200 + Object.keys(change.labels).length;
    case 'taint':
      return 300;
  }
}
