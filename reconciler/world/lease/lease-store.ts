import type { KubeObject } from '../../core/kube/object.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';

export interface Patience {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** One Lease object in the API server. A write names the version that it replaces; another one is an API_CONFLICT. */
export class LeaseStore {
  readonly #api: KubeApi;
  readonly #namespace: string;
  readonly #name: string;

  constructor(api: KubeApi, namespace: string, name: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.#name = name;
  }

  /** As the API server's quorum has it; undefined where it, or its namespace, does not exist. */
  async read(patience: Patience): Promise<KubeObject | undefined> {
    try {
      return await this.#api.request<KubeObject>('GET', `${this.#collection}/${this.#name}`, patience);
    } catch (error) {
      if (error instanceof ApiError && error.absent) return undefined;
      throw error;
    }
  }

  /** Whether the namespace is there; so it is taken to be where we may not ask. */
  async hasNamespace(patience: Patience): Promise<boolean> {
    try {
      await this.#api.request('GET', `/api/v1/namespaces/${this.#namespace}`, patience);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'API_FORBIDDEN') return true;
      if (error.absent) return false;
      throw error;
    }
  }

  /** A lease that does not exist yet, for `create`. */
  blank(): KubeObject {
    const metadata = { name: this.#name, namespace: this.#namespace };
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata };
  }

  /** Makes it, and its namespace where that is missing: nothing of ours can be there before the first lease is. */
  async create(lease: KubeObject, patience: Patience): Promise<KubeObject> {
    const create = () =>
      this.#api.request<KubeObject>('POST', this.#collection, { body: lease, ...patience });
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'API_NOT_FOUND')) throw error;
    }
    await this.#createNamespace(patience);
    return await create();
  }

  async replace(lease: KubeObject, patience: Patience): Promise<KubeObject> {
    const path = `${this.#collection}/${this.#name}`;
    return await this.#api.request<KubeObject>('PUT', path, { body: lease, ...patience });
  }

  get #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#namespace}/leases`;
  }

  async #createNamespace(patience: Patience): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.#namespace } };
    try {
      await this.#api.request('POST', '/api/v1/namespaces', { body, ...patience });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'API_CONFLICT')) throw error;
    }
  }
}
