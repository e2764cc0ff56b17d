import type { KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import type { WatchedList } from './watched-list.ts';

/** What the list says of an object, where we may list and watch it: whoever may not may still get it by its name. */
export async function toldBy(
  list: WatchedList,
  name: string,
): Promise<KubeObject | undefined | 'not allowed'> {
  if (list.isUnwatchable) return 'not allowed';
  try {
    return (await list.current()).get(name);
  } catch (error) {
    if (error instanceof ReconcilerError && error.code === 'API_FORBIDDEN') return 'not allowed';
    throw error;
  }
}
