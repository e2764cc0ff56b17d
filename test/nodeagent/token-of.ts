import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** The token that a kubeconfig holds. */
export async function tokenOf(kubeconfig: string): Promise<string> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as {
    readonly users: readonly { readonly user: { readonly token: string } }[];
  };
  const token = config.users[0]?.user.token;
  if (token === undefined) throw new Error(`${kubeconfig} holds no token.`);
  return token;
}
