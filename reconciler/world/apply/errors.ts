import { type KubeObject, objectId, type ObjectId } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';

/** What was to be pruned is not what the plan saw. */
export class PruneMismatchError extends ReconcilerError {
  readonly code = 'PRUNE_MISMATCH';
  readonly retry = 'next-pass';

  constructor(id: ObjectId, why: string) {
    super(`${id} was not deleted: ${why}.`, { hint: 'The next pass looks again.' });
  }
}

/** A replacement that the API server would not take, found out before the old object was deleted. */
export class ReplaceRejectedError extends ReconcilerError {
  readonly code: string;
  readonly retry = 'after-change';

  constructor(id: ObjectId, code: string, why: string, hint?: string) {
    const message = `${id} was not replaced, and stays as it is: the new one would be rejected. ${why}`;
    super(message, hint === undefined ? {} : { hint });
    this.code = code;
  }
}

/** The old object was deleted, and the new one is not there. */
export class ReplaceBrokenError extends ReconcilerError {
  readonly code: string;
  readonly retry = 'next-pass';

  constructor(id: ObjectId, state: 'going' | 'missing', cause: ReconcilerError) {
    const now = state === 'going' ? 'may not be gone yet' : 'is missing now';
    super(`${id} was deleted to be made again, and ${now}: ${cause.message}`, {
      hint: `The next pass creates it.${cause.hint === undefined ? '' : ` ${cause.hint}`}`,
      cause,
    });
    this.code = cause.code;
  }
}

/** Between plan and write the object was deleted, and another one took its name. */
export class OtherObjectError extends ReconcilerError {
  readonly code = 'API_CONFLICT';
  readonly retry = 'next-pass';

  constructor(id: ObjectId) {
    super(`${id} is another object of that name by now.`, { hint: 'The next pass plans for it anew.' });
  }
}

/** What was to be made has come to be since the plan, and not by us. */
export class AlreadyThereError extends ReconcilerError {
  readonly code = 'API_CONFLICT';
  readonly retry = 'next-pass';

  constructor(object: KubeObject, cause: unknown) {
    const hint = 'The next pass plans for it anew, as an object that is taken over.';
    super(`${objectId(object)} was made by somebody else since the plan, and stays as it is.`, {
      hint,
      cause,
    });
  }
}
