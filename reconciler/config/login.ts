import type { ConfigFile } from './config-file.ts';
import { type ConfigSources, readSecret, readText } from './config-sources.ts';

/** What proves us to the repository's server, and that server to us. */
export interface Login {
  readonly password?: string;
  readonly token?: string;
  /** PEM of the CA. */
  readonly ca?: string;
}

/** The repository's credentials as their files hold them now. */
export async function readLogin(
  { repository }: Pick<ConfigFile, 'repository'>,
  { env, readFile }: ConfigSources,
): Promise<Login> {
  const { passwordFile, tokenFile, caFile } = repository ?? {};
  const password =
    env['WEKA_GITOPS_PASSWORD'] ?? (passwordFile && (await readSecret(passwordFile, readFile)));
  const token = env['WEKA_GITOPS_TOKEN'] ?? (tokenFile && (await readSecret(tokenFile, readFile)));
  const ca = caFile && (await readText(caFile, readFile, 'the repository’s CA'));
  return { ...(password ? { password } : {}), ...(token ? { token } : {}), ...(ca ? { ca } : {}) };
}
