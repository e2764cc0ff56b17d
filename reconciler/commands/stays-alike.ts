import type { Installation } from '../../schemas/output/installation.ts';
import { type KubeObject, objectId } from '../core/kube/object.ts';

/** What is told of an object that looks like a part of an installation, and that others made. */
export function staysAlike(object: KubeObject): Installation['stays'][number] {
  return {
    target: objectId(object),
    why: 'It has the labels of this installation, and others made it: a copy, perhaps. It is left as it is.',
  };
}
