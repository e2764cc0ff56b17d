import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import type { DriverResult } from '../../../schemas/drivers/result.ts';
import type { DriverTarget } from '../../../schemas/drivers/target.ts';
import type { DriversReport } from '../../../schemas/node/drivers.ts';
import type { ObjectId } from '../kube/object.ts';
import type { PinnedPackage } from './lock.ts';

/** Who asks a node for drivers. Frontends take exactly their version, backends any (weka-operator §3.5). */
export interface DriverDemand {
  readonly node: string;
  /** The manifest: `WekaCluster weka/demo`. */
  readonly owner: string;
  readonly ownerId: ObjectId;
  /** `file:line`. */
  readonly source: string;
  readonly version: string;
  /** The image that the version is of. */
  readonly image: string;
  /** Where it takes packages from; undefined where the manifest names nothing. */
  readonly service: DriverService | undefined;
  /** 3 frontends, 2 backends, 1 ssdproxy. */
  readonly priority: 1 | 2 | 3;
  readonly strict: boolean;
  readonly buildId?: string;
  readonly loaderImage?: string;
  readonly imagePullSecret?: string;
}

/** Where packages are served. */
export interface DriverService {
  /** `namespace/name` of a Service of this cluster, or the address of any other: the key of the lock. */
  readonly key: string;
  /** As agents are to ask it, without /dist/v1. */
  readonly url: string;
  /** Set where it is a Service of this cluster. */
  readonly inCluster?: { readonly namespace: string; readonly name: string };
}

/** What the registry said of a target. */
export type RegistryAnswer =
  | { readonly state: 'has'; readonly package: DriverPackage; readonly url: string }
  | { readonly state: 'has-not' }
  /** `why` is one sentence, and `hint` what to do about it where that is known; nothing is concluded from it. */
  | { readonly state: 'unknown'; readonly why: string; readonly hint?: string }
  /** It may not be asked, which no time mends; `isForNow` where another pass, of other manifests, may. */
  | {
      readonly state: 'not-asked';
      readonly why: string;
      readonly hint?: string;
      readonly isForNow?: true;
    };

/** A pod that builds, fetches or loads, by what it left. */
export interface DriverWork {
  readonly pod: ObjectId;
  readonly does: 'build' | 'fetch' | 'load';
  readonly service: string;
  readonly target: DriverTarget | undefined;
  /** `waiting`: nothing runs yet. */
  readonly phase: 'waiting' | 'running' | 'ended';
  readonly result?: DriverResult;
  /** Where it ended, or waits, without a result: what its kubelet says. */
  readonly why?: string;
}

/** One build of drivers: a cell of the matrix of versions and kernels. */
export interface DriverCell {
  readonly service: DriverService | undefined;
  readonly target: DriverTarget;
  /** Names of the nodes that need it, sorted. */
  readonly nodes: readonly string[];
  readonly state:
    | 'pre-built'
    | 'built'
    | 'building'
    | 'fetching'
    /** A build or a fetch has failed; it is tried again by itself. */
    | 'failed'
    /** Nothing makes it: `why` and `hint` say what to configure. */
    | 'missing'
    /** Another digest than the pinned one was offered: a person has to decide. */
    | 'changed'
    /** A node that has not booted this kernel yet has its headers: it will be needed. */
    | 'coming';
  /** Stable name of what is in the way, of the result of a build or a fetch. */
  readonly code?: string;
  readonly why?: string;
  readonly hint?: string;
  /** The pinned package. */
  readonly package?: DriverPackage;
  /** Last lines of a failed build. */
  readonly lastLines?: readonly string[];
}

/** Drivers of one node. */
export interface NodeDrivers {
  readonly node: string;
  /** What it shall have; undefined where that is not known, and `why` says so. */
  readonly target?: DriverTarget;
  readonly owner?: string;
  /** Of the agent's report, where that counts. */
  readonly report?: DriversReport;
  /** How far the pod is in which the vendor's command loads here, in this boot. */
  readonly load?: Pick<DriverWork, 'phase' | 'result' | 'why'>;
  /** Other demands that this one came before: `WekaClient weka/x wants 4.4.4`. */
  readonly against?: readonly string[];
  readonly why?: string;
}

/** All that a pass knows of drivers; absent from an assessment where nothing asks for any. */
export interface DriversSeen {
  readonly cells: readonly DriverCell[];
  readonly nodes: readonly NodeDrivers[];
  /** What would be pinned by this pass, or is. */
  readonly lock: readonly PinnedPackage[];
  /** Where a lock was lost: of builds that nodes were asked for with different digests, all of those. */
  readonly doubtful?: readonly PinnedPackage[];
  /** Nodes that could not be seen: one sentence. */
  readonly unread?: string;
}
