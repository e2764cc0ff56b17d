import { posix } from 'node:path';
import type { Patch, PatchTarget, SourceFile, ValuePath } from '../../core/spec/source.ts';
import { isOwnText } from './collect.ts';
import { fieldsOf, type Kustomization } from './kustomization.ts';

/** The patches of all kustomizations, by their folders, where `sources` are the files that these read. */
export function patchesIn(
  kustomizations: ReadonlyMap<string, Kustomization>,
  sources: ReadonlyMap<string, SourceFile>,
): readonly Patch[] {
  const found: Patch[] = [];
  for (const [folder, { path, value }] of kustomizations) {
    const own = sources.get(path);
    const add = (text: unknown, at: ValuePath, target?: PatchTarget): void => {
      if (typeof text !== 'string') return;
      const within = isOwnText(text);
      const file = within ? own : sources.get(posix.join(folder, text));
      if (file === undefined) return;
      found.push({ file, ...(within ? { at } : {}), ...(target === undefined ? {} : { target }) });
    };
    for (const list of ['patches', 'patchesJson6902', 'patchesStrategicMerge']) {
      for (const [name, entries] of fieldsOf(value, list)) {
        for (const [index, entry] of (Array.isArray(entries) ? entries : []).entries()) {
          add(entry, [name, index]);
          const target = targetOf(entry);
          for (const field of ['path', 'patch']) {
            for (const [key, text] of fieldsOf(entry, field)) add(text, [name, index, key], target);
          }
        }
      }
    }
  }
  return found;
}

function targetOf(entry: unknown): PatchTarget | undefined {
  const [target] = fieldsOf(entry, 'target');
  if (target === undefined) return undefined;
  const text = (field: string): Partial<Record<string, string>> => {
    const [found] = fieldsOf(target[1], field);
    return typeof found?.[1] === 'string' ? { [field]: found[1] } : {};
  };
  return { ...text('kind'), ...text('name'), ...text('namespace') };
}
