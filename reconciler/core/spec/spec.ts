import type { Approval } from '../../../schemas/approval.ts';
import type { Settings } from '../../../schemas/settings.ts';
import type { WekaClient } from '../../../schemas/weka-client.ts';
import type { WekaCluster } from '../../../schemas/weka-cluster.ts';
import type { DriverContainer } from '../../../schemas/weka-container.ts';
import type { WekaManualOperation } from '../../../schemas/weka-manual-operation.ts';
import type { WekaPolicy } from '../../../schemas/weka-policy.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import type { Finding } from './finding.ts';
import type { Sealed } from './sealed.ts';
import type { Source } from './source.ts';

interface SpecBase {
  readonly id: ObjectId;
  /** What was written, without what only the cluster writes. */
  readonly manifest: KubeObject;
  /** `file:line`. */
  readonly source: string;
  readonly place: Source;
  /** What stands encrypted in the repository. */
  readonly sealed?: Sealed;
}

/** What a file says, checked. */
export type Spec = (SpecBase & { readonly kind: 'object' }) | (SpecBase & TypedSpec);

/** A manifest of a kind that has a schema, typed with its defaults. */
export type TypedSpec =
  | { readonly kind: 'WekaCluster'; readonly cluster: WekaCluster }
  | { readonly kind: 'WekaClient'; readonly client: WekaClient }
  | { readonly kind: 'WekaContainer'; readonly container: DriverContainer }
  | { readonly kind: 'WekaPolicy'; readonly policy: WekaPolicy }
  | { readonly kind: 'WekaManualOperation'; readonly operation: WekaManualOperation }
  | { readonly kind: 'Approval'; readonly approval: Approval };

/** An object whose manifest has an error: what it is now stays. */
export interface BrokenSpec {
  readonly id: ObjectId;
  readonly source: string;
}

/** Settings as a pass goes by them. */
export interface HeldSettings extends Settings {
  /** Where nobody knows what the repository's own would ask for: what has to be mended, as `It waits for …` goes on. */
  readonly doubt?: string;
}

export interface ParsedSpecs {
  readonly specs: readonly Spec[];
  /** By which they were checked. */
  readonly settings: HeldSettings;
  /** What the files themselves make of them; others where it was checked by given ones. */
  readonly ownSettings: HeldSettings;
  /** Sorted by place. */
  readonly findings: readonly Finding[];
  readonly broken: readonly BrokenSpec[];
  /** Manifests that were found, those in Lists counted singly. */
  readonly documents: number;
  readonly files: number;
  /** What stands encrypted in the repository: no rendering may hold it. */
  readonly sealedTexts: readonly string[];
  /** Findings that annotations silence. */
  readonly silenced: number;
}
