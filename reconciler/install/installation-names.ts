import type { Account } from './account.ts';

/** What everything that is installed is called. */
export interface InstallationNames {
  /** Of the installation: its workload, its account, its record, its lease and its roles. */
  readonly name: string;
  readonly namespace: string;
  readonly agentNamespace: string;
  readonly reconciler: Account;
  readonly planner: Account;
  readonly agent: Account;
  /** What of the agents is in no namespace. */
  readonly agentPolicy: string;
  readonly priorityClass: string;
}

export function installationNames({
  name,
  namespace,
  agentNamespace,
}: Pick<InstallationNames, 'name' | 'namespace' | 'agentNamespace'>): InstallationNames {
  return {
    name,
    namespace,
    agentNamespace,
    reconciler: { namespace, serviceAccount: name },
    planner: { namespace, serviceAccount: `${name}-planner` },
    agent: { namespace: agentNamespace, serviceAccount: 'weka-nodeagent' },
    agentPolicy: `${name}-nodeagent`,
    priorityClass: name,
  };
}
