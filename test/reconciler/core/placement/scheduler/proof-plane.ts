import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { type ControlPlane, startControlPlane } from '../../../../cluster/control-plane.ts';
import type { KubeNode, KubePod } from './kube-objects.ts';
import { Verdicts } from './verdicts.ts';

/**
 * A control plane with the real scheduler and nobody else who would act on nodes and pods: what is written on a node
 * stands, pods are bound and nothing more becomes of them.
 */
export class ProofPlane {
  readonly verdicts: Verdicts;
  readonly #controlPlane: ControlPlane;
  readonly #options: RequestOptions;

  private constructor(controlPlane: ControlPlane, options: RequestOptions) {
    this.#controlPlane = controlPlane;
    this.#options = options;
    this.verdicts = new Verdicts(controlPlane.adminKubeconfig());
  }

  static async start(): Promise<ProofPlane> {
    // By default the scheduler binds no more than 50 pods a second.
    const fast = ['--kube-api-qps=5000', '--kube-api-burst=5000'];
    const controlPlane = await startControlPlane({
      controllerManager: false,
      flags: { 'kube-scheduler': fast },
    });
    const config = new KubeConfig();
    config.loadFromFile(controlPlane.adminKubeconfig());
    const credentials: RequestOptions = {};
    await config.applyToHTTPSOptions(credentials);
    // Connections are kept: there are some ten thousand requests.
    const { ca, cert, key } = credentials;
    const agent = new Agent({ ca, cert, key, keepAlive: true, maxSockets: 32 });
    const plane = new ProofPlane(controlPlane, { agent });
    await plane.verdicts.start();
    return plane;
  }

  async stop(): Promise<void> {
    this.verdicts.stop();
    await this.#controlPlane.stop();
  }

  async addNamespace(name: string): Promise<void> {
    await this.#send('POST', '/api/v1/namespaces', { metadata: { name } });
  }

  async addNode(node: KubeNode): Promise<void> {
    await this.#send('POST', '/api/v1/nodes', node);
  }

  /** Its resources are changed last. */
  async changeNode(node: KubeNode): Promise<void> {
    const path = `/api/v1/nodes/${node.metadata.name}`;
    await this.#send('PUT', path, node);
    await this.#send('PUT', `${path}/status`, node);
  }

  async removeNode(name: string): Promise<void> {
    await this.#send('DELETE', `/api/v1/nodes/${name}`);
  }

  async removeNodes(selector: string): Promise<void> {
    await this.#send('DELETE', `/api/v1/nodes?labelSelector=${encodeURIComponent(selector)}`);
  }

  /** Makes a pod, with its status, and being deleted if it says so. */
  async addPod(pod: KubePod): Promise<string> {
    const { deletionTimestamp, ...metadata } = pod.metadata;
    const pods = `/api/v1/namespaces/${metadata.namespace}/pods`;
    await this.#send('POST', pods, { ...pod, metadata, status: {} });
    const path = `${pods}/${metadata.name}`;
    if (pod.status !== undefined) await this.#send('PUT', `${path}/status`, { ...pod, metadata });
    if (deletionTimestamp !== undefined) await this.#send('DELETE', path);
    return podKey(pod);
  }

  /** It is gone at once, whatever node it is on. */
  async removePod(pod: string): Promise<void> {
    const [namespace = '', name = ''] = pod.split('/');
    await this.#send('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`);
  }

  async removePods(namespace: string): Promise<void> {
    await this.#send('DELETE', `/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0`);
  }

  async #send(method: string, path: string, body?: unknown): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const url = new URL(path, this.#controlPlane.server);
    const [status, answer] = await new Promise<[number, string]>((resolve, reject) => {
      const request = httpsRequest(url, { ...this.#options, method, headers }, (response) => {
        text(response).then((said) => resolve([response.statusCode ?? 0, said]), reject);
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${answer.slice(0, 600)}`);
  }
}

function podKey({ metadata: { namespace, name } }: KubePod): string {
  return `${namespace}/${name}`;
}
