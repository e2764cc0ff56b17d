import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Api, ApiError } from './api.ts';
import { CertificateAuthority } from './certificates.ts';
import { type Credential, kubeconfig } from './kubeconfig.ts';
import { simulatedNode, type NodeSpec } from './nodes.ts';
import { files } from './parts.ts';
import { type Result, run } from './run.ts';
import { until } from './until.ts';

/** All that is needed to reach a running control plane, from any process. */
export interface ClusterAddress {
  readonly server: string;
  /** Where its certificates, logs and kubeconfigs are. It goes when the control plane stops. */
  readonly folder: string;
  readonly kubectl: string;
}

/** Someone whom the API server lets in. */
export type Caller =
  | (ServiceAccount & { readonly token?: string })
  | { readonly user: string; readonly groups?: readonly string[] };

export interface ServiceAccount {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** How long a token of it is good for. */
  readonly expirationSeconds?: number;
}

/** The name that stands in the certificates of every control plane. */
export const authorityName = 'weka-gitops-test';

/** What tests do with a running control plane. */
export class Cluster {
  readonly server: string;
  readonly address: ClusterAddress;
  /** As admin. For what the harness itself needs; tests of the reconciler bring their own client. */
  readonly api: Api;
  readonly #authority: CertificateAuthority;

  constructor(address: ClusterAddress) {
    const { authority } = files(address.folder);
    this.address = address;
    this.server = address.server;
    this.#authority = new CertificateAuthority(
      { certificate: readFileSync(authority.certificate, 'utf8'), key: readFileSync(authority.key, 'utf8') },
      authorityName,
    );
    const admin = this.#authority.issue({ commonName: 'harness', organizations: ['system:masters'] });
    this.api = new Api(address.server, this.#authority.certificate, admin);
  }

  /** Certificate of the authority that vouches for the API server, as PEM. */
  get authority(): string {
    return this.#authority.certificate;
  }

  /** Path of the kubeconfig of a member of system:masters: for what a test does itself, and never for the program. */
  adminKubeconfig(): string {
    return files(this.address.folder).adminKubeconfig;
  }

  /** Path of a new kubeconfig: with a token for a service account, a new one unless it is given; with a certificate for a user. */
  async kubeconfigFor(caller: Caller): Promise<string> {
    const [user, credential] = await this.#credential(caller);
    const path = join(this.address.folder, `${randomBytes(6).toString('hex')}.kubeconfig`);
    const namespace = 'namespace' in caller ? caller.namespace : undefined;
    const authority = this.#authority.certificate;
    const content = kubeconfig({ server: this.server, authority, user, credential, namespace });
    await writeFile(path, content, { mode: 0o600 });
    return path;
  }

  async #credential(caller: Caller): Promise<[user: string, Credential]> {
    if ('user' in caller) {
      const { user, groups = [] } = caller;
      return [user, this.#authority.issue({ commonName: user, organizations: groups })];
    }
    return [caller.serviceAccount, { token: caller.token ?? (await this.token(caller)) }];
  }

  /** A new token of a service account. */
  async token({ namespace, serviceAccount, expirationSeconds = 24 * 3600 }: ServiceAccount): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds },
    };
    const { status } = await this.api.json<{ status: { token: string } }>('POST', path, request);
    return status.token;
  }

  /** Runs kubectl, as admin unless told otherwise. A failure is in the result; nothing is thrown. */
  async kubectl(
    args: readonly string[],
    options: { input?: string; kubeconfig?: string } = {},
  ): Promise<Result> {
    const { folder, kubectl } = this.address;
    const env = {
      ...process.env,
      KUBECONFIG: options.kubeconfig ?? this.adminKubeconfig(),
      // Its notes stay in the folder that is removed; those of whoever runs the tests are neither read nor written.
      KUBECACHEDIR: join(folder, 'kubectl-cache'),
      KUBERC: 'off',
    };
    return run(kubectl, args, { env, input: options.input });
  }

  /** Adds simulated nodes and waits until they are Ready. A count gives `node-1`, `node-2` and so on. */
  async addNodes(nodes: number | readonly NodeSpec[]): Promise<string[]> {
    const names =
      typeof nodes === 'number' ? await this.#numberedNodes(nodes) : await this.#namedNodes(nodes);
    await until(`${names.join(', ')} Ready`, async () => {
      const ready = await this.#readyNodes();
      return names.every((name) => ready.has(name));
    });
    return names;
  }

  async #namedNodes(specs: readonly NodeSpec[]): Promise<string[]> {
    await Promise.all(specs.map((spec) => this.api.json('POST', '/api/v1/nodes', simulatedNode(spec))));
    return specs.map(({ name }) => name);
  }

  async #numberedNodes(count: number): Promise<string[]> {
    const names: string[] = [];
    for (let number = 1; names.length < count; number++) {
      const name = `node-${number}`;
      try {
        await this.#namedNodes([{ name }]);
        names.push(name);
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 409)) throw error;
      }
    }
    return names;
  }

  /** Those on which pods may run: a new node is tainted until the controller manager has seen it Ready. */
  async #readyNodes(): Promise<Set<string>> {
    interface Node {
      metadata: { name: string };
      spec: { taints?: { key: string }[] };
      status: { conditions?: { type: string; status: string }[] };
    }
    const { items } = await this.api.json<{ items: Node[] }>('GET', '/api/v1/nodes');
    const isReady = ({ spec, status }: Node) =>
      (status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ??
        false) &&
      !spec.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready');
    return new Set(items.filter(isReady).map(({ metadata }) => metadata.name));
  }

  /** Makes a namespace of a name never used before, and waits until pods can be made in it. */
  async createNamespace(): Promise<string> {
    const name = `t-${randomBytes(3).toString('hex')}`;
    await this.api.json('POST', '/api/v1/namespaces', { metadata: { name } });
    await until(`service account of ${name}`, async () => {
      return this.api.json('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`);
    });
    return name;
  }

  /** Begins to delete a namespace and all in it. */
  async deleteNamespace(name: string): Promise<void> {
    await this.api.json('DELETE', `/api/v1/namespaces/${name}`).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }

  /** What the API server was asked since it started, in order. Empty without `auditLog`. */
  async auditLog(): Promise<AuditEvent[]> {
    const lines = await readFile(files(this.address.folder).auditLog, 'utf8').catch(() => '');
    return lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditEvent);
  }
}

/** One request, as far as tests look at it. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
}
