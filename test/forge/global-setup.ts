import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type GiteaServer, startGitea } from './gitea-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for the Gitea that it shares with all others. */
    sharedGitea: string;
  }
}

/** One Gitea for a whole run of tests, started when the first test asks for it: most never do. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<GiteaServer> | undefined;
  const server = createServer((_request, response) => {
    started ??= startGitea();
    started.then(
      ({ address }) => response.end(JSON.stringify(address)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  project.provide('sharedGitea', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  return async () => {
    server.close();
    server.closeAllConnections();
    await (await started?.catch(() => undefined))?.stop();
  };
}
