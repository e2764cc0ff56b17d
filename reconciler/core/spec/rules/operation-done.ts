import { record } from '../../kube/json.ts';
import type { Check, Candidate } from './rule-context.ts';

/** What the operator calls an operation that has come to its end. */
export const DONE = 'Done';

/** Whether a manifest was exported from a cluster where its operation was done: the one thing that a status tells us. */
export function isDone({ kind, value }: Pick<Candidate, 'kind' | 'value'>): boolean {
  return kind === 'WekaManualOperation' && record(value['status'])['status'] === DONE;
}

/** That an operation which was done elsewhere is not done again. */
export const operationDone: Check = function* (candidate) {
  if (!isDone(candidate)) return;
  yield {
    rule: 'operation-done',
    path: ['status', 'status'],
    message: 'status says that this operation is Done, so it is not run again.',
    hint: 'Remove status to have it run.',
  };
};
