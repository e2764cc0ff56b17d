import { taintWords } from '../facts/node-match.ts';
import { listWords, type Resources, resourceWords } from '../facts/resources.ts';
import type { Labels } from './label-selector.ts';
import type { Reason } from './reason.ts';
import type { NodeChange, Refusal, Shortfall, SmallestChange } from './result.ts';

/** Why a node does not take a container, to follow the node's name: `lacks 2 huge pages of 2 MiB`. */
export function describeReason(reason: Reason): string {
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

const HOSTNAME = 'kubernetes.io/hostname';

/** What would let a container fit, to follow `It would fit with`; empty where nothing small would do. */
export function describeChange({ onNode, newNode }: SmallestChange): string {
  const more =
    newNode &&
    `one node more${Object.keys(newNode.labels).length === 0 ? '' : ` with ${labelWords(newNode.labels)}`}`;
  return [onNode && nodeChangeWords(onNode), more].filter((each) => each !== undefined).join(', or ');
}

function nodeChangeWords(change: NodeChange): string {
  const { node } = change;
  switch (change.kind) {
    case 'room':
      return `${roomWords(change.more, 'more ')} on ${node}`;
    case 'drives': {
      const where = change.numa === undefined ? '' : ` in NUMA region ${change.numa}`;
      return `${change.more} more signed ${change.more === 1 ? 'drive' : 'drives'}${where} on ${node}`;
    }
    case 'pods':
      return `${counted(change.more, 'pod')} less on ${node}`;
    case 'service':
      return change.why === 'is cordoned'
        ? `${node} uncordoned`
        : `${node} back in service (it ${change.why})`;
    case 'labels':
      return `${labelWords(change.labels)} on ${node}`;
    case 'taint':
      return `a toleration of ${taintWords(change.taint)}, which ${node} has`;
  }
}

/** A refusal in one or two sentences, with the reasons of the nodes that have the most in common first. */
export function describeRefusal(refusal: Refusal): string {
  const { name, why, change, takenBy } = refusal;
  const fix = describeChange(change);
  const would = fix === '' ? '' : ` It would fit with ${fix}.`;
  const order = takenBy.length === 0 ? '' : ` Room that would do went to ${few(takenBy)}.`;
  return `${name} finds no node: ${whyWords(why)}.${order}${would}`;
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
      const shown = bySize
        .slice(0, 3)
        .map(([reason, nodes]) => `${few(nodes.map(({ node }) => node))} ${reason}`);
      const rest = bySize.slice(3).reduce((sum, [, nodes]) => sum + nodes.length, 0);
      return [...shown, ...(rest === 0 ? [] : [`${counted(rest, 'node')} for other reasons`])].join('; ');
    }
  }
}

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
  return listWords(Object.entries(labels).map(([label, value]) => `${label}=${value}`));
}

function few(names: readonly string[]): string {
  return names.length <= 3
    ? listWords(names)
    : `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
