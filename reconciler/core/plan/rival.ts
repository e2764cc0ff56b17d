import type { Write } from './change.ts';
import { isOurs } from './managed-fields.ts';

/** Who has most likely changed the object that `write` sets right: a field manager; undefined where it left no trace. */
export function rivalOf(write: Write): string | undefined {
  const managers = new Set(write.fields.flatMap(({ manager }) => (manager === undefined ? [] : [manager])));
  if (managers.size > 0) return [...managers].join(', ');
  if (write.op === 'create') return undefined;
  // A field that was taken away has no manager any more.
  const others = (write.live.metadata.managedFields ?? []).filter(
    (entry) => !isOurs(entry) && !entry.subresource,
  );
  return others.at(-1)?.manager;
}
