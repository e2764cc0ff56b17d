import { onTestFinished } from 'vitest';
import { type ForgeOptions, openForge, type OpenedForge } from '../../reconciler/world/forge/open-forge.ts';
import type { GiteaRepository } from './gitea-repository.ts';

/** The product's way to a repository on Gitea, with somebody's token. It is closed when the test has finished. */
export async function giteaForge(
  repository: GiteaRepository,
  token: string,
  options: Partial<ForgeOptions> = {},
): Promise<OpenedForge> {
  const forge = await openForge({
    kind: 'gitea',
    url: new URL(repository.url).origin,
    repository: repository.fullName,
    userAgent: 'weka-gitops/test',
    credentials: () => Promise.resolve({ token }),
    retryMs: 1,
    ...options,
  });
  onTestFinished(() => forge[Symbol.asyncDispose]());
  return forge;
}
