import { agentNamespace } from '../../reconciler/install/agent-namespace.ts';
import { bound, serviceAccount } from '../../reconciler/install/account.ts';
import { nodeAgentAdmission } from '../../reconciler/install/node-agent-admission.ts';
import { nodeAgentRole } from '../../reconciler/install/node-agent-role.ts';
import { intentName } from '../../schemas/node/config-maps.ts';
import { ApiError } from '../cluster/api.ts';
import { until } from '../cluster/until.ts';
import type { Bed } from './bed.ts';

const NAMESPACE = 'bench-agents';
const AGENT = { namespace: NAMESPACE, serviceAccount: 'weka-nodeagent' };
/** That of the bed. */
const RECONCILER = { namespace: 'bench', serviceAccount: 'bench' };

/** A node with a pod of the agent on it. */
export interface AgentNode {
  readonly name: string;
  /** Of that pod, which the API server knows its node by. */
  readonly token: string;
}

/** Where agents run: their namespace, rights and admission policies as they are installed, and nodes of their own. */
export class AgentSite {
  readonly bed: Bed;
  readonly namespace = NAMESPACE;
  readonly nodes: readonly AgentNode[];

  static async open(bed: Bed, count: number): Promise<AgentSite> {
    const objects = [
      agentNamespace(NAMESPACE),
      serviceAccount(AGENT),
      ...bound([nodeAgentRole(NAMESPACE)], AGENT),
      ...nodeAgentAdmission({ agent: AGENT, reconciler: RECONCILER }, NAMESPACE),
    ];
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    const { exitCode, stderr } = await bed.cluster.kubectl(['apply', '-f', '-'], {
      input: JSON.stringify(list),
    });
    if (exitCode !== 0) throw new Error(`The agents' rights were not made.\n${stderr}`);
    const names = Array.from({ length: count }, (_, index) => `node-${String(index).padStart(5, '0')}`);
    const nodes: AgentNode[] = [];
    // A few at a time, since the API server makes a token out of four requests.
    const left = names.values();
    const work = async (): Promise<void> => {
      for (const name of left) nodes.push({ name, token: await podToken(bed, name) });
    };
    await Promise.all(Array.from({ length: 8 }, work));
    const site = new AgentSite(bed, nodes);
    await site.#untilPoliciesHold();
    return site;
  }

  private constructor(bed: Bed, nodes: readonly AgentNode[]) {
    this.bed = bed;
    this.nodes = nodes;
  }

  async #untilPoliciesHold(): Promise<void> {
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?dryRun=All`;
    const probe = { metadata: { name: intentName('probe') } };
    await until('the policies hold', async () => {
      try {
        await this.bed.cluster.api.json('POST', path, probe);
        return false;
      } catch (error) {
        return error instanceof ApiError && error.status === 403;
      }
    });
  }
}

async function podToken({ cluster: { api } }: Bed, node: string): Promise<string> {
  await api.json('POST', '/api/v1/nodes', { metadata: { name: node } }).catch(unlessThere);
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const { metadata } = await api
    .json<{ metadata: { uid: string } }>('POST', pods, {
      metadata: { name: node },
      spec: {
        nodeName: node,
        serviceAccountName: AGENT.serviceAccount,
        // No kubelet tells that the node is well.
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'agent', image: 'weka-gitops' }],
      },
    })
    .catch(async (error: unknown) => {
      unlessThere(error);
      return await api.json<{ metadata: { uid: string } }>('GET', `${pods}/${node}`);
    });
  const accounts = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
  const { status } = await api.json<{ status: { token: string } }>(
    'POST',
    `${accounts}/${AGENT.serviceAccount}/token`,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        expirationSeconds: 24 * 3600,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: node, uid: metadata.uid },
      },
    },
  );
  return status.token;
}

/** It may be there from another row of the same bench. */
function unlessThere(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 409)) throw error;
}
