import type { ApplySetParent } from '../desired/ownership.ts';
import type { AgentReport } from '../nodes/agent-report.ts';
import type { NodeFacts } from './node-facts.ts';
import type { PodFacts } from './pod-facts.ts';

/** What a cluster says of itself, cut down to what decides anything. Nothing in it is a Secret's value. */
export interface Facts {
  /** Empty where nodes were not asked for: a cluster has one at least. */
  readonly nodes: readonly NodeFacts[];
  readonly pods: readonly PodFacts[];
  readonly configMaps: readonly ConfigMapFacts[];
  /** What the agent of each node says of it, by the node's name: every node has an entry. */
  readonly reports: ReadonlyMap<string, AgentReport>;
  /** `namespace/name` of each Secret; undefined where Secrets were not asked for. */
  readonly secrets: ReadonlySet<string> | undefined;
  /** The parent of our own ApplySet, where it is known who asks. */
  readonly installation?: ApplySetParent;
}

/** Whoever asks for facts: its own ApplySet, and where its agents are. */
export type FactsOrigin = ApplySetParent & { readonly agentNamespace?: string | undefined };

export interface ConfigMapFacts {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Kept only of those that tell how kubelets are configured. */
  readonly data: Readonly<Record<string, string>>;
}
