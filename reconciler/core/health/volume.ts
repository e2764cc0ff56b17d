import type { KubeObject } from '../kube/object.ts';
import { current, failed, progressing, status, textAt } from './fields.ts';
import type { Health } from './health.ts';

export function claimHealth(object: KubeObject): Health {
  switch (textAt(status(object), 'phase')) {
    case 'Bound':
      return current('It is bound to a volume');
    case 'Lost':
      return failed('The volume that it was bound to is gone');
    default:
      return progressing('It waits for a volume');
  }
}

export function volumeHealth(object: KubeObject): Health {
  const seen = status(object);
  switch (textAt(seen, 'phase')) {
    case 'Available':
      return current('It is free');
    case 'Bound':
      return current('It is bound to a claim');
    case 'Released':
      return current('Its claim is gone; its data is kept');
    case 'Failed':
      return failed(textAt(seen, 'message') || textAt(seen, 'reason') || 'It could not be reclaimed');
    default:
      return progressing('It is being made ready');
  }
}
