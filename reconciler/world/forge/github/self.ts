import * as z from 'zod';
import type { Interruptible } from '../../../ports.ts';
import type { ForgeClient } from '../client.ts';
import type { ForgeCredentials } from '../client-options.ts';
import { ForgeError } from '../errors.ts';

const User = z.object({ login: z.string() });
const App = z.object({ slug: z.string() });
const Viewer = z.object({ data: z.object({ viewer: User }) });

/** Login that comments of these credentials stand under. `graphql` is what the address of GraphQL begins with. */
export async function selfOf(
  { client, graphql }: { readonly client: ForgeClient; readonly graphql: string },
  { app, token }: ForgeCredentials,
  options?: Interruptible,
): Promise<string> {
  if (app !== undefined) {
    const { slug } = await client.ask(App, 'GET /app', {}, options);
    return `${slug}[bot]`;
  }
  if (token === undefined) {
    throw new ForgeError('FORGE_UNAUTHORIZED', 'Without a token GitHub lets nobody write.', {
      hint: 'Set forge.tokenFile, forge.app or WEKA_GITOPS_FORGE_TOKEN.',
    });
  }
  // The token of a workflow belongs to no user; GraphQL alone tells it who it is.
  if (token.startsWith('ghs_')) {
    const query = 'query { viewer { login } }';
    const { data } = await client.ask(Viewer, 'POST /graphql', { query, baseUrl: graphql }, options);
    return data.viewer.login;
  }
  const { login } = await client.ask(User, 'GET /user', {}, options);
  return login;
}
