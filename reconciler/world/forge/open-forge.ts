import type { Forge } from '../../forge-port.ts';
import type { Log } from '../../ports.ts';
import { isInClear } from './in-clear.ts';
import type { ForgeClientOptions } from './client-options.ts';

/** Which forge, which repository on it, and how it is reached. */
export interface ForgeOptions extends Omit<ForgeClientOptions, 'forge' | 'api' | 'headers' | 'authenticate'> {
  readonly kind: 'github' | 'gitea' | 'forgejo';
  /** Address of the forge's pages, without a slash at its end. */
  readonly url: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Told where something is done in another way than it should be. */
  readonly log?: Pick<Log, 'warn'> | undefined;
}

/** A forge whose connections are closed with it. */
export type OpenedForge = Forge & AsyncDisposable;

/** The forge of that kind. Nothing is asked before the first call; only the adapter that is needed is loaded. */
export async function openForge(options: ForgeOptions): Promise<OpenedForge> {
  const { url, log } = options;
  if (isInClear(url))
    log?.warn({ url }, 'The forge’s token is sent in clear, since forge.url is no https:// address');
  switch (options.kind) {
    case 'github': {
      const { openGithubForge } = await import('./github/github-forge.ts');
      return await openGithubForge(options);
    }
    case 'gitea':
    case 'forgejo': {
      const { openGiteaForge } = await import('./gitea/gitea-forge.ts');
      return await openGiteaForge(options);
    }
    default:
      throw new Error(`Unknown forge: ${JSON.stringify(options.kind satisfies never)}`);
  }
}
