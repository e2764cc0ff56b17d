import type { Repository } from '../../ports.ts';
import { RemoteRepository } from './clone/remote-repository.ts';
import type { GitConfig } from './git-config.ts';
import { LocalRepository } from './local/local-repository.ts';
import { parseLocation } from './url.ts';

/** The repository at `config.url`: on a server through a clone in `cacheDir`, or on this machine in place. */
export function openRepository(config: GitConfig): Repository {
  const location = parseLocation(config.url);
  return location.kind === 'local'
    ? new LocalRepository(config, location.path)
    : new RemoteRepository(config);
}
