import type { Kind } from '../../core/kube/kinds.ts';

/** A kind whose objects are listed in all namespaces at once. */
export function everywhere(kind: string, plural: string): Kind {
  return { apiVersion: 'v1', kind, plural, namespaced: false, allowed: 'by-ceiling', stage: 'config' };
}
