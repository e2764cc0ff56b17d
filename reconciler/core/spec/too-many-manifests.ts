import { ReconcilerError } from '../../errors.ts';

/** Far more than a cluster holds, and few enough for a plan to be told in whole. */
export const MOST_MANIFESTS = 200_000;

/** The files describe more objects than a plan is made of; kustomize makes many of few. */
export class TooManyManifestsError extends ReconcilerError {
  readonly code = 'REPOSITORY_TOO_LARGE';
  readonly retry = 'after-change';

  constructor(most: number) {
    super(
      `The files describe more objects than are planned at once; at most ${most.toLocaleString('en')} are.`,
      {
        hint: 'Split them by path, and give each path an installation of its own.',
      },
    );
  }
}
