import { ReconcilerError } from '../../errors.ts';

const HINT = 'Write it with: kubectl get nodes,pods,configmaps -A -o json > facts.json';

/** A file of facts is not what kubectl prints. */
export class FactsError extends ReconcilerError {
  readonly code = 'FACTS';
  readonly retry = 'after-change';

  constructor(message: string, { hint = HINT, cause }: { hint?: string; cause?: unknown } = {}) {
    super(message, { hint, cause });
  }
}
