import type { KubeObject } from '../../core/kube/object.ts';
import type { NodesSeen } from '../../core/nodes/nodes-seen.ts';
import type { PlacementFacts, StorageFacts } from '../../core/placement/placement-facts.ts';
import { FIELD_MANAGER } from '../../core/plan/managed-fields.ts';
import type {
  ApplyOptions,
  Cluster,
  DryRun,
  Interruptible,
  Live,
  PlacementQuestion,
  ReadScope,
} from '../../ports.ts';
import { ApiError, isClusterWide } from '../kubeapi/errors.ts';
import type { Environment } from '../kubeapi/exec-plugin.ts';
import { APPLY_PATCH, KubeApi } from '../kubeapi/kube-api.ts';
import { loadKubeConfig } from '../kubeapi/load-kube-config.ts';
import { placementFacts, storageFacts } from '../facts/placement-facts.ts';
import { type Reports, seeNodes } from '../facts/see-nodes.ts';
import { getObject } from './get-object.ts';
import { objectPath, type Reference } from './paths.ts';
import { readScope } from './read-scope.ts';
import { waitGone } from './wait-gone.ts';

export interface KubeClusterOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly env: Environment;
  /** What the API server's audit log knows us by. */
  readonly userAgent?: string;
  /** Asked right before each write is sent; what it throws keeps it from being sent. */
  readonly beforeWrite?: () => void;
  /** Told of each request that was sent, by Kubernetes' verb, and of the HTTP status of its answer, if one came. */
  readonly onAnswer?: (verb: string, status: number | undefined) => void;
  /** Where the agents of nodes run and report; they are not asked where unset. */
  readonly agentNamespace?: string | undefined;
  /** What requests go through. */
  readonly Api?: typeof KubeApi;
}

/** The cluster that kubeconfig, environment or pod point to. Nothing is asked of it yet. */
export async function openKubeCluster({
  userAgent,
  beforeWrite,
  onAnswer,
  Api = KubeApi,
  agentNamespace,
  ...options
}: KubeClusterOptions): Promise<KubeCluster> {
  const api = new Api(await loadKubeConfig(options), userAgent, onAnswer);
  return new KubeCluster(api, { beforeWrite, agentNamespace });
}

/** A real cluster, through its API server. */
export class KubeCluster implements Cluster, AsyncDisposable {
  readonly api: KubeApi;
  /** Where the agents of nodes run and report; they are not asked where unset. */
  readonly agentNamespace: string | undefined;
  readonly #beforeWrite: (() => void) | undefined;

  constructor(
    api: KubeApi,
    {
      beforeWrite,
      agentNamespace,
    }: Partial<Pick<KubeCluster, 'agentNamespace'>> & {
      readonly beforeWrite?: (() => void) | undefined;
    } = {},
  ) {
    this.api = api;
    this.agentNamespace = agentNamespace;
    this.#beforeWrite = beforeWrite;
  }

  async get(object: Reference, options: Interruptible = {}): Promise<KubeObject | undefined> {
    return await getObject(this.api, object, options);
  }

  async read(scope: ReadScope, options: Interruptible = {}): Promise<Live> {
    return await readScope(this.api, scope, options);
  }

  /** `reports`, where these are known already. */
  async placementFacts(
    options: PlacementQuestion = {},
    reports?: () => Promise<Reports>,
  ): Promise<PlacementFacts> {
    const { agentNamespace } = this;
    return await placementFacts(this.api, { ...options, agentNamespace, ...(reports && { reports }) });
  }

  async seeNodes(options: Interruptible = {}): Promise<NodesSeen | undefined> {
    const { agentNamespace } = this;
    return agentNamespace === undefined ? undefined : await seeNodes(this.api, agentNamespace, options);
  }

  async storageFacts(options: Interruptible = {}): Promise<StorageFacts> {
    return await storageFacts(this.api, options);
  }

  async dryRun(object: KubeObject, options: ApplyOptions): Promise<DryRun> {
    try {
      return { result: 'accepted', object: await this.#patch(object, { ...options, dryRun: true }) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { code, message, hint, conflicts, ofAccount } = error;
      if (code === 'FIELD_CONFLICT') return { result: 'conflict', conflicts };
      if (!isVerdict(error)) throw error;
      return {
        result: 'rejected',
        code,
        why: message,
        ...(hint === undefined ? {} : { hint }),
        ...(ofAccount && { ofAccount }),
      };
    }
  }

  async apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    return await this.#patch(object, { ...options, dryRun: false });
  }

  async delete(live: KubeObject, { signal }: Interruptible = {}): Promise<void> {
    const { uid, resourceVersion } = live.metadata;
    if (uid === undefined) throw new Error('Only what was read can be deleted: its UID is the precondition.');
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    };
    try {
      await this.api.request('DELETE', objectPath(live), { body, signal, beforeSend: this.#beforeWrite });
    } catch (error) {
      if (!(error instanceof ApiError && error.absent)) throw error;
    }
  }

  async waitGone(live: KubeObject, timeoutMs: number, options: Interruptible = {}): Promise<void> {
    await waitGone(this.api, live, timeoutMs, options);
  }

  /** Lets requests under way finish, and closes every connection. */
  async close(): Promise<void> {
    await this.api.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #patch(
    object: KubeObject,
    { force, dryRun, signal }: ApplyOptions & { readonly dryRun: boolean },
  ): Promise<KubeObject> {
    const { managedFields: _, ...metadata } = object.metadata;
    return await this.api.request<KubeObject>('PATCH', objectPath(object), {
      contentType: APPLY_PATCH,
      signal,
      ...(dryRun ? {} : { beforeSend: this.#beforeWrite }),
      // What is applied may not say who manages it.
      body: { ...object, metadata },
      query: {
        fieldManager: FIELD_MANAGER,
        fieldValidation: 'Strict',
        force: force ? true : undefined,
        dryRun: dryRun ? 'All' : undefined,
      },
    });
  }
}

/**
 * Whether the API server said it of this very object. A webhook that fails is one too: it stands in the way of what it
 * watches, and of nothing else.
 */
function isVerdict(error: ApiError): boolean {
  return error.status !== undefined && error.status !== 429 && error.status !== 503 && !isClusterWide(error);
}
