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
  /** The policies over what the reconciler changes of nodes, and which pods it deletes. */
  readonly nodesPolicy: string;
  readonly podsPolicy: string;
  readonly priorityClass: string;
}

/** Where an installation keeps what it trusts about drivers, in its own namespace: the lock with what vouches for services, and the authority itself. */
export function driverNames(name: string): { readonly lock: string; readonly authority: string } {
  return { lock: `${name}-drivers`, authority: `${name}-drivers-ca` };
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
    nodesPolicy: `${name}-nodes`,
    podsPolicy: `${name}-pods`,
    priorityClass: name,
  };
}
