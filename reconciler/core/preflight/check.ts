import type { NodeReport } from '../../../schemas/node-report.ts';
import type { Facts } from '../facts/facts.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { Resources } from '../facts/resources.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { AgentReport } from '../nodes/agent-report.ts';
import type { Answer } from './answer.ts';
import type { Demand } from './demand.ts';
import type { Hosted } from './hosted.ts';
import type { System } from './system.ts';

/** A node, and what it is to host. */
export interface NodeSubject {
  readonly node: NodeFacts;
  readonly report: AgentReport;
  /** Its operating system, by the report or else by what its kubelet says. */
  readonly system: System;
  readonly hosted: readonly Hosted[];
  /** What is free for these containers: what they have already counts as free. */
  readonly free: Resources;
  /** What containers of the manifests have of it now. */
  readonly held: Resources;
  /** What of it everything else has. */
  readonly others: Resources;
  /** Pods on it that have not ended. */
  readonly pods: readonly PodFacts[];
  /** Whether drivers are built on it; `maybe` where nobody says where they come from. */
  readonly builds: 'yes' | 'no' | 'maybe';
  /** A node where drivers for the same kernel are built with the headers that it has, itself or another one. */
  readonly headersOn?: string;
  /** Where agents run. */
  readonly agentNamespace: string;
}

/** A node whose agent tells of it. */
export interface ReportedSubject extends NodeSubject {
  readonly observed: NodeReport['observed'];
}

/** Which nodes a check is about: all, those that host a container of one of these modes, or those of which this is so. */
type Concerns = 'all' | readonly string[] | ((subject: NodeSubject) => boolean);

interface About {
  /** What is looked at, in a few words for a list. */
  readonly about: string;
  /** Why WEKA needs it, in one sentence. */
  readonly why: string;
}

/** A check of each node. It answers nothing where it does not concern what the node is to host. */
export type NodeCheck = About & {
  readonly concerns: Concerns;
} &
  /** `untold` where only the agent's report could tell, and there is none that counts. */
  (
    | { readonly from: 'node'; check(subject: NodeSubject): Answer | 'untold' | undefined }
    /** It is asked only where the agent's report counts; else it is untold. */
    | { readonly from: 'report'; check(subject: ReportedSubject): Answer | undefined }
  );

/** A cluster as a whole. */
interface ClusterSubject {
  readonly facts: Pick<Facts, 'nodes' | 'pods'>;
  /** The nodes that are looked at. */
  readonly nodes: readonly NodeSubject[];
  readonly traits: ClusterTraits;
  /** What the manifests ask of nodes as a whole. */
  readonly demands: readonly Demand[];
  /** Errors of the manifests, unreadable files among them; undefined where there is no repository. */
  readonly manifestErrors: number | undefined;
  /** Namespaces where the manifests put pods of WEKA. */
  readonly namespaces: readonly string[];
}

/** What nodes and pods do not tell; undefined where it was not asked for, or could not be had. */
export interface ClusterTraits {
  /** Version of the API server. */
  readonly version?: string | undefined;
  /** Which pods each namespace takes, by its label of Pod Security; empty for one without a label. */
  readonly podSecurity?: ReadonlyMap<string, string> | undefined;
}

/** A check of the cluster as a whole. */
export interface ClusterCheck extends About {
  check(subject: ClusterSubject): Answer | undefined;
}

/** Whether a check is about a node. */
export function isAbout(concerns: Concerns, subject: NodeSubject): boolean {
  if (concerns === 'all') return true;
  if (typeof concerns === 'function') return concerns(subject);
  return subject.hosted.some(({ mode }) => concerns.includes(mode));
}
