import type { DriverContainer } from '../../../schemas/weka-container.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import type { Sealed } from '../spec/sealed.ts';
import type { PodPlacement } from './pod-placement.ts';

/** An object that the specs ask for. */
export interface DesiredObject {
  readonly id: ObjectId;
  readonly object: KubeObject;
  /** `file:line` of the manifest it comes from. */
  readonly source: string;
  /** Why it may be created but not yet changed, replaced or pruned (design: pods of WEKA kinds). */
  readonly createOnly?: string;
  /** The container that it is the pod of: placement says where it stands. */
  readonly container?: DriverContainer;
  /** Where that is, once it is worked out. */
  readonly placement?: PodPlacement;
  /** The object as its manifest asks for it, whichever node was chosen: nodes come and go. */
  readonly unplaced?: KubeObject;
  /** What stands encrypted in the manifest. Paths are given where the object is the manifest itself. */
  readonly sealed?: Sealed;
}
