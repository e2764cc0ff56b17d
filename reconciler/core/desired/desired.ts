import type { DriverContainer } from '../../../schemas/weka-container.ts';
import type { Certificate } from '../drivers/certificates.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import type { Sealed } from '../spec/sealed.ts';
import type { ApprovalTarget } from '../plan/approvals/request.ts';
import type { UploadPlace } from './dist-services.ts';
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
  /** Where a builder of drivers brings its packages. */
  readonly upload?: UploadPlace;
  /** The Secret of a certificate that is issued when it is written: never a manifest's own, whatever that says. */
  readonly certificate?: Certificate;
  /** The object as its manifest asks for it, whichever node was chosen: nodes come and go. */
  readonly unplaced?: KubeObject;
  /** What stands encrypted in the manifest. Paths are given where the object is the manifest itself. */
  readonly sealed?: Sealed;
  /** Why it is to be made anew, although nothing in it differs from what is there. */
  readonly again?: string;
  /** What it asks of a node, for people: the node's name, and a line for each thing. */
  readonly node?: { readonly name: string; readonly does: readonly string[] };
  /** Of something that others made, a few fields: it is never made, never removed, and no member of the ApplySet. */
  readonly partly?: true;
  /** What a person consents to where it needs consent: one Approval is for all objects that ask for the same. */
  readonly consent?: Consent;
}

/** What is consented to at once for many objects. */
export interface Consent {
  /** `replace-drivers`. */
  readonly action: string;
  /** The manifest that asks for it. */
  readonly target: ApprovalTarget;
  /** What tells one such consent from another: no name of a node or a pod. */
  readonly content: Readonly<Record<string, string>>;
  /** What goes, and what comes in its place, for people. */
  readonly words: string;
}
