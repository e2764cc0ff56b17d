import type { ChangeOutput } from '../../../schemas/output/plan.ts';
import { prose } from './plain.ts';

/** Drives that are named. */
const DRIVES = 4;

/** `on node-c (new)`, `on node-c (moved from node-a, which is cordoned)`; nothing for what has no place. */
export function placementWords({ op, placement }: Pick<ChangeOutput, 'op' | 'placement'>): string[] {
  if (placement === undefined) return [];
  const { node, how, drives, from, note } = placement;
  const named = drives.slice(0, DRIVES).join(', ');
  const more = drives.length > DRIVES ? ` and ${drives.length - DRIVES} more` : '';
  const having =
    drives.length === 0 ? '' : ` with ${drives.length === 1 ? 'drive' : 'drives'} ${named}${more}`;
  const before = from === undefined ? '' : ` from ${from.node}, which ${from.why}`;
  // What is there already, and stays, is worth no word.
  return [
    prose(`on ${node}${having}${op === 'create' ? ` (${how}${before})` : ''}`, 300),
    ...(note === undefined ? [] : [prose(note, 300)]),
  ];
}
