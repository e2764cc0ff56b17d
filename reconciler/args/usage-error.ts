import { ReconcilerError } from '../errors.ts';

/** Something was typed that there is not; the hint says what to write instead. */
export class UsageError extends ReconcilerError {
  readonly code = 'USAGE';
  readonly retry = 'after-change';
}

export function seeHelp(verb: string): { readonly hint: string } {
  return { hint: `weka-gitops help ${verb} shows what it takes.` };
}
