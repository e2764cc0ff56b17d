import { taintWords } from '../facts/node-match.ts';
import { listWords, type Resources, resourceWords } from '../facts/resources.ts';
import { HOSTNAME } from '../kube/hostname.ts';
import type { WhyLeft } from './give-back.ts';
import type { Labels } from './label-selector.ts';
import type { Reason } from './reason.ts';
import type { NodeChange, NodeRefusal, Refusal, Shortfall, SmallestChange } from './result.ts';

/** Why a node does not take a container, to follow the node's name: `lacks 2 huge pages of 2 MiB`. */
function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case 'labels':
      return `has no label ${labelWords(reason.missing)}`;
    case 'node-affinity':
      return 'is not what the node affinity asks for';
    case 'out-of-service':
      return reason.why;
    case 'taint':
      return `has the taint ${taintWords(reason.taint)}`;
    case 'no-spread-label':
      return `has no label ${reason.label}, over which containers spread`;
    case 'pods':
      return `takes no more than ${reason.most} pods`;
    case 'lacks':
      return `lacks ${roomWords(reason.lacking)}`;
    case 'unknown-drives':
      return reason.because === 'unreported'
        ? 'does not say which drives it has'
        : `has drives that ${reason.because.pod} uses without saying which`;
    case 'drives': {
      const where = reason.numa === undefined ? '' : ` in NUMA region ${reason.numa}`;
      return `has ${counted(reason.free, 'free drive')}${where} of ${reason.needed}`;
    }
    case 'cores':
      return `has core ${listWords(reason.ids.map(String))} given to ${reason.by}`;
    case 'ports':
      return 'has not got enough free ports';
    case 'repelled':
      return reason.label === HOSTNAME
        ? `hosts ${reason.by}, beside which it must not stand`
        : `shares its ${reason.label} with ${reason.by}, beside which it must not stand`;
    case 'not-drawn':
      return `has none of the pods that it must stand beside (${reason.label})`;
    case 'spread':
      return `would make ${counted(reason.pods + 1, 'container')} in ${reason.label}=${reason.place}, where places may differ by ${reason.maxSkew}`;
  }
}

/** Why a container does not go back to a node, to follow the node's name. */
export function describeLeft(why: WhyLeft): string {
  switch (why.kind) {
    case 'gone':
      return 'is gone';
    case 'named-another':
      return 'is not the one that its manifest names';
    default:
      return describeReason(why);
  }
}

/** What would let one container fit, as what to do; empty where nothing small would do. */
export function describeChange({ onNode, newNode }: SmallestChange): string {
  const more = newNode && `add a node${withWords(newNode)}`;
  const words = [onNode && nodeChangeWords(onNode), more].filter((each) => each !== undefined).join(', or ');
  return words === '' ? '' : `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function withWords({ labels, newPlaces = [] }: NonNullable<SmallestChange['newNode']>): string {
  const words = listWords([...labelList(labels), ...newPlaces.map((label) => `a ${label} of its own`)]);
  return words === '' ? '' : ` with ${words}`;
}

function nodeChangeWords(change: NodeChange): string {
  const { node } = change;
  switch (change.kind) {
    case 'room':
      return `give ${node} ${roomWords(change.more, 'more ')}`;
    case 'drives': {
      const where = change.numa === undefined ? '' : ` in NUMA region ${change.numa}`;
      return `sign ${counted(change.more, 'more drive')}${where} on ${node}`;
    }
    case 'pods':
      return `move ${counted(change.more, 'pod')} away from ${node}`;
    case 'service':
      return change.why === 'is cordoned'
        ? `uncordon ${node}`
        : `bring ${node} back into service (it ${change.why})`;
    case 'hostname':
      return `give ${node} a hostname label of its own`;
    case 'labels':
      return `label ${node} with ${labelWords(change.labels)}`;
    case 'taint':
      return `tolerate ${taintWords(change.taint)}, which ${node} has`;
  }
}

/**
 * A refusal in one sentence: beside which containers of the same go there is no room, and the reasons of the nodes,
 * those that most of them have first. `who` begins it where more than one is spoken of: `Two containers find no node`.
 */
export function describeRefusal(
  { name, why, takenBy }: Pick<Refusal, 'name' | 'why' | 'takenBy'>,
  who = `${name} finds no node`,
): string {
  const beside = takenBy.length === 0 ? '' : ` beside ${few(takenBy)}`;
  return `${who}${beside}: ${whyWords(why)}.`;
}

function whyWords(why: Refusal['why']): string {
  switch (why.kind) {
    case 'no-node':
      return `there is no node ${why.node}`;
    case 'no-port-range':
      return 'no gap in the ports is large enough for its cluster';
    case 'no-host':
      return `it stands beside ${why.host}, which has none`;
    case 'nodes': {
      if (why.nodes.length === 0) return 'there are none';
      const groups = Map.groupBy(why.nodes, ({ reason }) => describeReason(reason));
      const bySize = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
      const shown = bySize.slice(0, 3).map(([reason, nodes]) => reasonOf(nodes, reason));
      const rest = bySize.slice(3).reduce((sum, [, nodes]) => sum + nodes.length, 0);
      return [...shown, ...(rest === 0 ? [] : [`${counted(rest, 'node')} for other reasons`])].join('; ');
    }
  }
}

function reasonOf(nodes: readonly NodeRefusal[], reason: string): string {
  const names = few(nodes.map(({ node }) => node));
  const [verb = '', ...rest] = reason.split(' ');
  return nodes.length === 1 ? `${names} ${reason}` : [names, PLURAL[verb] ?? verb, ...rest].join(' ');
}

/** Verbs that reasons begin with, for several nodes. */
const PLURAL: Readonly<Record<string, string>> = {
  has: 'have',
  lacks: 'lack',
  is: 'are',
  takes: 'take',
  hosts: 'host',
  shares: 'share',
  does: 'do',
};

/** What a container that stays lacks where it is. */
export function describeShortfall({ name, node, lacking, missingDrives, missingPorts }: Shortfall): string {
  const room = roomWords(lacking);
  const parts = [
    ...(room === '' ? [] : [room]),
    ...(missingDrives === 0 ? [] : [counted(missingDrives, 'drive')]),
    ...(missingPorts ? ['free ports'] : []),
  ];
  return `${name} stays on ${node}, which lacks ${listWords(parts)} for it.`;
}

const PAGE = 2 * 2 ** 20;

/** Like `resourceWords`, with huge pages counted, as they are set aside on a node. */
function roomWords(amount: Resources, more = ''): string {
  const pages = Math.ceil(amount.hugePages2MiBytes / PAGE);
  const rest = resourceWords({ ...amount, hugePages2MiBytes: 0 });
  const words =
    pages === 0
      ? []
      : [`${pages.toLocaleString('en-US')} ${more}huge ${pages === 1 ? 'page' : 'pages'} of 2 MiB`];
  return listWords([...words, ...(rest === '' ? [] : [more === '' ? rest : `${rest} more`])]);
}

function labelWords(labels: Labels): string {
  return listWords(labelList(labels));
}

function labelList(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([label, value]) => `${label}=${value}`);
}

function few(names: readonly string[]): string {
  return names.length <= 3
    ? listWords(names)
    : `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
