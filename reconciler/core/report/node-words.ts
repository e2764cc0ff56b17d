import type { NodeOutput, NodesOutput } from '../../../schemas/output/node.ts';
import { count, prose } from './plain.ts';

/** Columns of the table of nodes. */
export const NODE_HEAD = [
  'Node',
  'Agent',
  'Kernel',
  'Headers',
  'System',
  'CPUs',
  'Huge pages',
  'WEKA modules',
  'Mounts',
  'Free',
] as const;

const UNKNOWN = '?';

/** A node's cells under these columns, as plain text of any origin. */
export function nodeCells(node: NodeOutput): readonly string[] {
  const { name, state, agent, kernel, headers, os, wekaModules, wekaMounts, freeGiB } = node;
  return [
    name,
    state === 'told' ? (agent ?? UNKNOWN) : 'unknown',
    kernel ?? UNKNOWN,
    headers ?? UNKNOWN,
    os ?? UNKNOWN,
    cpuWords(node),
    hugePageWords(node),
    wekaModules === undefined ? UNKNOWN : wekaModules.join(', ') || 'none',
    wekaMounts === undefined ? UNKNOWN : `${wekaMounts}`,
    freeGiB === undefined ? UNKNOWN : `${grouped(freeGiB)} GiB`,
  ];
}

function cpuWords({ cpus, hyperThreading }: NodeOutput): string {
  const threads = hyperThreading === undefined ? '' : ` (HT ${hyperThreading})`;
  return cpus === undefined ? `${UNKNOWN}${threads}` : `${cpus}${threads}`;
}

/** `12,292 of 16,384 free of 2 MiB`; sizes of which there are none are not worth a word. */
export function hugePageWords({ hugePages }: Pick<NodeOutput, 'hugePages'>): string {
  if (hugePages === undefined) return UNKNOWN;
  const sizes = hugePages
    .filter(({ total }) => total !== 0)
    .map(({ sizeKiB, total, free }) => {
      const size = sizeKiB % 1024 === 0 ? sizeKiB / 1024 : undefined;
      const unit =
        size === undefined ? `${sizeKiB} KiB` : size % 1024 === 0 ? `${size / 1024} GiB` : `${size} MiB`;
      return `${amount(free)} of ${amount(total)} free of ${unit}`;
    });
  return sizes.join(', ') || 'none';
}

/** `Nodes: 3, of which 2 are told by their agents and 1 is unknown`. */
export function nodesWords({ total, told, unknown, nodes, unread }: NodesOutput): string {
  if (unread !== undefined && total === 0) return 'nodes not read';
  const isAll = nodes.length === total;
  const rest = isAll
    ? ''
    : `; ${nodes.length === 0 ? 'none has' : `${nodes.length} of those that have`} something to say`;
  const known =
    unknown === 0 ? 'all told by their agents' : `${told} told by their agents, ${unknown} unknown`;
  const last = unread === undefined ? '' : ', as known last';
  return `${count(total, 'node')}, ${known}${last}${rest}`;
}

/** Why what is told of nodes is not of now; undefined where it is. */
export function unreadWords({ unread }: NodesOutput): string | undefined {
  return unread === undefined ? undefined : `The nodes could not be read: ${prose(unread, 600)}`;
}

/** What a person should know of nodes, a sentence for each. */
export function nodeNotes({
  nodes,
}: NodesOutput): readonly { readonly name: string; readonly why: string }[] {
  return nodes.flatMap(({ name, why, intentRefused }) => [
    ...(why === undefined ? [] : [{ name, why: prose(why, 600) }]),
    ...(intentRefused === undefined
      ? []
      : [{ name, why: `Its agent does nothing of what it is asked: ${prose(intentRefused, 400)}` }]),
  ]);
}

function amount(value: number | undefined): string {
  return value === undefined ? UNKNOWN : grouped(value);
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
