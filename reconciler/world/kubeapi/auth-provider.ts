import type { RequestOptions } from 'node:https';
import type { Credentials } from './connection.ts';
import { KubeconfigError } from './errors.ts';

/**
 * The `auth-provider` of older kubeconfigs (OpenID Connect, Google, Azure), which the Kubernetes client library knows.
 * It is loaded for those who have one only: it takes more memory than all the rest of us.
 */
export class AuthProvider {
  readonly #provider: Readonly<Record<string, unknown>>;
  #authenticate: (() => Promise<RequestOptions>) | undefined;

  constructor(provider: Readonly<Record<string, unknown>>) {
    this.#provider = provider;
  }

  async credentials(): Promise<Credentials> {
    try {
      this.#authenticate ??= await this.#load();
      const { headers } = await this.#authenticate();
      const value = (headers as Readonly<Record<string, unknown>> | undefined)?.['Authorization'];
      if (typeof value !== 'string') throw new Error('It gave no token.');
      return { tls: {}, headers: { authorization: value } };
    } catch (cause) {
      const name = String(this.#provider['name']);
      throw new KubeconfigError(
        `The auth-provider ${JSON.stringify(name)} of the kubeconfig gives no token.`,
        {
          hint: 'Log in afresh, or move to a credential plugin (exec), which has replaced it.',
          cause,
        },
      );
    }
  }

  async #load(): Promise<() => Promise<RequestOptions>> {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    const cluster = { name: 'cluster', server: 'https://cluster', skipTLSVerify: false };
    config.loadFromClusterAndUser(cluster, { name: 'user', authProvider: this.#provider });
    return async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return options;
    };
  }
}
