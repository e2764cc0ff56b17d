import { lacking, resourceWords } from '../../facts/resources.ts';
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

/** `node-c lacks 2 cores`: why a container does not fit on a node. */
export function shortage({ node, need, free, barred }: Candidate): string {
  return `${node.name} ${barred ?? `lacks ${resourceWords(lacking(need, free))}`}`;
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
