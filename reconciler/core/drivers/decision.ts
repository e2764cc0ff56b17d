import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import type { DriverTarget } from '../../../schemas/drivers/target.ts';
import type { DriversIntent } from '../../../schemas/node/drivers.ts';
import type { Settings, Toolchain } from '../../../schemas/settings.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import type { AgentReport } from '../nodes/agent-report.ts';
import type { NodesUnread } from '../nodes/nodes-seen.ts';
import type { Finding } from '../spec/finding.ts';
import type { ParsedSpecs } from '../spec/spec.ts';
import type { Consent } from '../desired/desired.ts';
import type { Grant } from '../plan/approvals/book.ts';
import type { DriverConsents } from './consents.ts';
import type { DriversSeen, RegistryAnswer } from './drivers.ts';
import type { DriversLock } from './lock.ts';
import type { ServicesInUse } from './packages-in-use.ts';

/** What decides about the drivers of a node. */
export type DriverNode = Pick<
  NodeFacts,
  'name' | 'isReady' | 'bootId' | 'kernel' | 'architecture' | 'osImage' | 'labels'
> &
  /** Where they are not told, a node counts as one without taints. */
  Partial<Pick<NodeFacts, 'taints'>>;

/** Nodes with what their agents say. */
export interface DriverNodes {
  readonly nodes: readonly DriverNode[];
  readonly reports: ReadonlyMap<string, AgentReport>;
}

/** All that drivers are decided by. */
export interface DriversInput {
  /** With the findings of all files: what has an error is not in `specs`, and nothing is concluded from that. */
  readonly specs: Pick<ParsedSpecs, 'specs' | 'findings' | 'broken' | 'settings'>;
  /** Undefined where no agent is about. */
  readonly nodes: DriverNodes | NodesUnread | undefined;
  readonly lock: DriversLock;
  /** What people have consented to; where unset, nobody has, and what was allowed once stays so. */
  readonly consents?: DriverConsents;
  /** Pods that build, fetch and load, and the Services of distribution services with their pods. */
  readonly live: ReadonlyMap<ObjectId, KubeObject>;
  /** Live ConfigMaps of intents, by the node's name. */
  readonly intents: ReadonlyMap<string, KubeObject>;
  readonly settings: Pick<Settings['spec'], 'drivers'>;
  /** Registries that the process's configuration lets packages come from; the vendor's alone where unset. */
  readonly registries?: readonly string[] | undefined;
  /** Namespace of intents. */
  readonly agentNamespace: string;
  /** Certificates, in PEM, that vouch for distribution services of this cluster. */
  readonly ca?: string;
  readonly commit: string;
  /** Id of the ApplySet whose pods are believed; any pod that this program applied where unset. */
  readonly applySet?: string;
}

/** What a registry is asked: whether it has drivers for a target. */
export interface RegistryQuestion {
  /** What its answer is found by: the same registry and target have the same. */
  readonly key: string;
  readonly registry: string;
  readonly target: DriverTarget;
}

export type RegistryAnswers = ReadonlyMap<string, RegistryAnswer>;

/** What a pass does about drivers. The same input gives the same bytes. */
export interface DriversDecision {
  readonly seen: DriversSeen;
  /** The intent of every node that has one or gets one, by the node's name; one that changes nothing has the content of the live one. */
  readonly intents: readonly IntentWanted[];
  /** Every pod that is to be there, by its key: those that live and stay, and those to be made. What is not among them may go. */
  readonly pods: readonly DriverPodWanted[];
  /** Containers that build, have a node to do it on, and whose pods are decided about here: one whose pod is not among `pods` has nothing to do. Empty where nodes are not seen. */
  readonly builders: ReadonlySet<ObjectId>;
  /** What is pinned after this pass; written before any intent. Identical to the one given where nothing new is pinned. */
  readonly lock: DriversLock;
  /** Warnings at manifests whose demands come after others. */
  readonly findings: readonly Finding[];
  /** Packages that would take the place of trusted ones if a person accepted them. */
  readonly offered: readonly AcceptanceAsked[];
  /** The Approvals by which others are trusted from this pass on; their use is recorded before the lock is written. */
  readonly accepted: readonly Grant[];
  /** Where the lock was lost: what is known of it by what nodes were asked for, until somebody has looked at that. */
  readonly recovered?: RecoveredLock;
  /** What policies of type enable-local-drivers-distribution are about, by their ids. */
  readonly policies: ReadonlyMap<ObjectId, PolicyDrivers>;
  /** Packages that services keep; undefined where nodes are not seen, and what they were told stays. */
  readonly inUse?: ServicesInUse;
}

/** What people are asked to accept, and the nodes that it is for. */
export interface AcceptanceAsked {
  readonly consent: Consent;
  readonly nodes: readonly string[];
}

/** What is known of a lock that was lost. */
export interface RecoveredLock {
  /** So many are pinned by what nodes were asked for. */
  readonly packages: number;
  /** Builds of which nodes were asked for packages with different digests: which of them was pinned, nobody knows, and none is. */
  readonly doubtful: readonly string[];
}

/** What the reconciler asks of a node. */
export interface IntentWanted {
  readonly node: string;
  /** The ConfigMap as it is to be applied, without our labels. Modules that are loaded and are others stay, unless this was allowed before. */
  readonly object: KubeObject;
  /** `file:line` of the manifest that asks for the drivers; absent where the live intent stays as it is, and none asks any more. */
  readonly source?: string;
  readonly owner?: string;
  /** Id of that manifest, which an approval would name. */
  readonly ownerId?: ObjectId;
  /** What it makes the node do, in lines for people; empty where it changes nothing. */
  readonly does: readonly string[];
  /** Whether the node has loaded others by now, which would have to go. */
  readonly replaces: boolean;
  /** What goes and what comes, by version and SHA-256 of the package; what is not known of what is loaded is absent. */
  readonly from?: string;
  readonly fromSha256?: string;
  readonly to?: string;
  readonly sha256?: string;
  /** Where it replaces and that was not allowed before: the ConfigMap that allows it, for once a person has approved. */
  readonly allowed?: KubeObject;
  /** What that person consents to. */
  readonly consent?: Consent;
}

/**
 * A pod that is to be there. It is the same in every pass until it has to be made again: what it was made for is read back from
 * its annotation, which `driverWorkText` of work-annotation.ts gives whoever makes the pod.
 */
export interface DriverPodWanted {
  readonly does: 'build' | 'fetch' | 'load';
  /** Key of the service that the package goes to, or comes from: `namespace/name`. */
  readonly service: string;
  readonly target: DriverTarget;
  /** A node with that kernel; for `load`: the node; empty for `fetch`, which can be anywhere. */
  readonly node: string;
  /** The WekaContainer or WekaPolicy that builds it, the policy or container that serves it (fetch), or the manifest that asks for it (load). */
  readonly owner: ObjectId;
  /** The image that builds or loads; our own for `fetch`. */
  readonly image?: string;
  readonly imagePullSecret?: string;
  /** Build: images that the settings name for the system of the node. */
  readonly toolchain?: Pick<Toolchain, 'image' | 'headersImage'>;
  /** `driversBuildId` of a manifest; found by the builder itself where unset. */
  readonly buildId?: string;
  /** Build: the node has only the headers of that kernel, and will boot it. */
  readonly isAhead?: true;
  /** Fetch and load: what is fetched or loaded. */
  readonly package?: DriverPackage;
  /** Fetch: where from. */
  readonly url?: string;
  /** Load: what may become of other modules that are loaded; they stay where unset. */
  readonly replace?: DriversIntent['replace'];
  /** Reports of nodes that it answers: a package that was missing. Kept with the pod. */
  readonly answers?: readonly string[];
  /** Why the live one has to be made anew, in one sentence; absent where it stays, or is not there yet. */
  readonly again?: string;
  /** The live pod, where there is one. */
  readonly live?: ObjectId;
}

/** What a policy of type enable-local-drivers-distribution is about. */
export interface PolicyDrivers {
  /** `namespace/name` of its Service. */
  readonly service: string;
  /** Images whose drivers are built for it. */
  readonly images: readonly string[];
  /** Nodes that its selectors choose, with what is known of them. */
  readonly nodes: readonly {
    readonly name: string;
    readonly kernel?: string;
    readonly architecture?: string;
    /** As the operator has it: `PRETTY_NAME` of the system. */
    readonly os?: string;
  }[];
}
