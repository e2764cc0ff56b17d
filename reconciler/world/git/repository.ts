import type { Repository } from '../../ports.ts';
import { RemoteRepository } from './clone/remote-repository.ts';
import type { GitConfig } from './git-config.ts';
import { LocalRepository } from './local/local-repository.ts';
import { fullNames } from './snapshot/configured-ref.ts';
import { mustNotBeStatus } from './status-ref.ts';
import { parseLocation } from './url.ts';

/** The repository at `config.url`: on a server through a clone in `cacheDir`, or on this machine in place. */
export function openRepository(config: GitConfig): Repository {
  const location = parseLocation(config.url);
  const shown = location.kind === 'local' ? location.path : location.url;
  for (const name of fullNames(config.ref)) mustNotBeStatus(name, shown);
  return location.kind === 'local'
    ? new LocalRepository(config, location.path)
    : new RemoteRepository(config);
}
