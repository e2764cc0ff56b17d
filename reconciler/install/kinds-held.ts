import { type Kind, KINDS } from '../core/kube/kinds.ts';
import { type GroupKind, groupKind } from '../core/kube/object.ts';
import { byGroup, READ, type Rule, WRITE } from './rules.ts';

/** Kinds of what is made for a repository: those of the default allow-list, those that the ceilings open, and pods of WEKA. */
export function kindsHeld(opened: readonly GroupKind[] = []): readonly Kind[] {
  return KINDS.filter(
    (kind) => kind.allowed === 'always' || kind.kind === 'Pod' || opened.includes(groupKind(kind)),
  );
}

/** What it takes to keep objects of these kinds as they are described. */
export function rulesToKeep(kinds: readonly Kind[]): readonly Rule[] {
  // What is never deleted by us need not be deletable by us. Of pods, those go that have built, fetched or loaded drivers.
  const isKept = (kind: Kind) => kind.protected !== undefined;
  return [
    ...byGroup(
      kinds.filter((kind) => !isKept(kind)),
      [...READ, ...WRITE, 'delete'],
    ),
    ...byGroup(kinds.filter(isKept), [...READ, ...WRITE]),
    ...rulesToGive(kinds),
  ];
}

/** Roles that a repository describes may allow more than the reconciler may itself, once the ceilings open their kinds. */
export function rulesToGive(kinds: readonly Kind[]): readonly Rule[] {
  const roles = kinds.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  return roles.length === 0 ? [] : byGroup(roles, ['bind', 'escalate']);
}
