import { lacking, listWords, type Resources, resourceWords } from '../../facts/resources.ts';
import type { Spec } from '../../spec/spec.ts';
import type { ValuePath } from '../../spec/source.ts';
import { inTemplate } from '../cluster/each-cluster.ts';
import { isWritten } from '../written.ts';
import type { RoleNeed } from './role-needs.ts';
import type { Candidate } from './survey.ts';

/** Nodes that a message names before it only counts them. */
const MOST = 5;

/** The first few of `items`, each in words: `a, b and 3 more`. */
export function firstFew<Item>(items: readonly Item[], words: (item: Item) => string): string {
  const told = items.slice(0, MOST).map(words).join(', ');
  return items.length > MOST ? `${told} and ${items.length - MOST} more` : told;
}

/** Why a container fits on none of these nodes, of `total`: `node-c lacks 2 cores`. */
export function shortages(candidates: readonly Candidate[], total: number): string {
  const why = ({ need, free, barred }: Candidate) => barred ?? `lacks ${resourceWords(lacking(need, free))}`;
  return byReason(candidates, ({ node }) => node.name, why, total);
}

/**
 * What is wrong with each of `items`, told once where it is the same: `node-a and node-b lack 1 core, node-c is cordoned`,
 * or `all 6 lack 1 core` where all of `total` have the same.
 */
export function byReason<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  reasonOf: (item: Item) => string,
  total: number,
): string {
  return firstFew([...Map.groupBy(items, reasonOf)], ([reason, group]) => {
    const [only, second] = group;
    if (only !== undefined && second === undefined) return `${nameOf(only)} ${reason}`;
    if (group.length === total && total > 2) return `all ${total} ${inPlural(reason)}`;
    const names = group.map(nameOf);
    const listed = names.length > MOST ? firstFew(names, String) : listWords(names);
    return `${listed} ${inPlural(reason)}`;
  });
}

const PLURALS: Readonly<Record<string, string>> = { lacks: 'lack', has: 'have', hosts: 'host', is: 'are' };

function inPlural(reason: string): string {
  const [verb = '', ...rest] = reason.split(' ');
  return [PLURALS[verb] ?? verb, ...rest].join(' ');
}

/** What a container asks for, save for the little disk that each does. */
export function needWords(need: Resources): string {
  return resourceWords({ ...need, ephemeralBytes: 0 });
}

/** Where a manifest says most of the containers of a role: what it leaves out has no place in it. */
export function placeOfRole(spec: Pick<Spec, 'manifest'>, { field, coresField, role }: RoleNeed): ValuePath {
  const places = [
    inTemplate(field),
    inTemplate(coresField),
    ['spec', 'roleNodeSelector', role],
    ['spec', 'nodeSelector'],
  ];
  return places.find((path) => isWritten(spec, ...path)) ?? inTemplate(field);
}

/** `a=b, c=d`: the labels that a selector asks for. */
export function labelWords(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(', ');
}

/** `1 node`, `3 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
