import type { Kind } from '../core/kube/kinds.ts';
import type { GroupKind, KubeObject } from '../core/kube/object.ts';
import { roleOf } from './account.ts';
import { isNeverJudged } from './admission-rules.ts';
import { kindsHeld, rulesToGive } from './kinds-held.ts';
import { byGroup, core, READ, type Rule, WRITE } from './rules.ts';

const PLANNER = 'weka-gitops-planner';

/**
 * The least that the planner of pull requests has to be allowed: what a plan reads, and what a server-side dry run of it takes.
 * `plannerAdmission` refuses every write that is none. It deletes nothing, not even to try, and has no right to Secrets, since
 * what it is shown comes from whoever opens a pull request: a dry run answers with the whole object, so that the right to
 * make one is the right to read.
 */
export function plannerRole(name = PLANNER, kinds: readonly GroupKind[] = []): KubeObject {
  return roleOf(name, [...rulesToTry(kindsHeld(kinds)), core(['nodes'], ['get', 'list'])]);
}

/**
 * What it takes to read objects of these kinds, and to try to change them. Admission policies are only read: no policy is held against
 * their writing, so that the right to try would be the right to write, and to take the planner's own policy away.
 */
export function rulesToTry(kinds: readonly Kind[]): readonly Rule[] {
  const open = kinds.filter(({ kind }) => kind !== 'Secret');
  const [tried, seen] = [open.filter((kind) => !isNeverJudged(kind)), open.filter(isNeverJudged)];
  return [...byGroup(tried, [...READ, ...WRITE]), ...byGroup(seen, READ), ...rulesToGive(open)];
}

/**
 * Beside `plannerRole`, what it takes to show changes of the Secrets of one namespace, by names of keys and marks of values. Without it
 * the plan of a pull request is made without them, and says so.
 */
export function plannerSecretsRole(namespace: string, name = PLANNER): KubeObject {
  return roleOf(name, [core(['secrets'], [...READ, ...WRITE])], namespace);
}
