import type { GroupKind, KubeObject, ObjectId } from '../kube/object.ts';

/** What was read of the cluster. */
export interface ReadForPrune {
  readonly objects: ReadonlyMap<ObjectId, KubeObject>;
  readonly unread: readonly { readonly kind: GroupKind; readonly why: string }[];
}

/** Why nothing may be pruned, whatever is asked for. A failed or empty read is never an instruction. */
export function pruneBlock(
  errors: number,
  { objects, unread }: ReadForPrune,
  empty: boolean,
): string | undefined {
  if (errors > 0) return errors === 1 ? 'a manifest has an error' : `manifests have ${errors} errors`;
  const [gap] = unread;
  if (gap !== undefined) return `${gap.kind} objects could not be listed: ${gap.why}`;
  if (empty && objects.size > 0) {
    return 'the repository asks for no object at all; to remove everything, do it in steps or delete by hand';
  }
  return undefined;
}
