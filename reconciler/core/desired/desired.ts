import type { KubeObject, ObjectId } from '../kube/object.ts';
import type { Sealed } from '../spec/sealed.ts';

/** An object that the specs ask for. */
export interface DesiredObject {
  readonly id: ObjectId;
  readonly object: KubeObject;
  /** `file:line` of the manifest it comes from. */
  readonly source: string;
  /** Why it may be created but not yet changed, replaced or pruned (design: pods of WEKA kinds). */
  readonly createOnly?: string;
  /** What stands encrypted in the manifest. Paths are given where the object is the manifest itself. */
  readonly sealed?: Sealed;
}
