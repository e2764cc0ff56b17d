import { ConfigError } from './config-error.ts';

/** The branch that pull requests go to, as forges name it. Throws a ConfigError where `ref` is none. */
export function baseBranch(ref: string): string {
  const branch = ref.replace(/^refs\/heads\//, '');
  if (branch !== 'HEAD' && !/^refs\/|^[0-9a-f]{40}$/i.test(branch)) return branch;
  throw new ConfigError(`Pull requests go to branches, and ${ref} is none.`, {
    hint: 'Set repository.ref to the branch that pull requests are merged into.',
  });
}
