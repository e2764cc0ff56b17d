import type { Kernel } from '../../schemas/node/kernel.ts';
import { isKnown, type Observed } from '../../schemas/node/observed.ts';
import { moduleOfFile, parseBuiltIn, parseModulesDep } from '../observe/modules-dep.ts';
import type { KernelPart } from '../plan/driver-facts.ts';
import type { Host } from './host.ts';

/** A distribution's kernel has six thousand modules. */
const MAX_BYTES = 8 << 20;

/** How modules of the node's own kernel can be had, by the lists that the distribution's tools write beside them. */
export async function readKernelParts(
  host: Host,
  kernel: Observed<Kernel>,
  names: readonly string[],
): Promise<ReadonlyMap<string, KernelPart>> {
  if (names.length === 0) return new Map();
  const all = (part: KernelPart) => new Map(names.map((name) => [name, part]));
  if (!isKnown(kernel)) return all({ state: 'unknown', reason: kernel.unknown });
  // Where `/lib` is no link the modules are there as well.
  const folder = `/lib/modules/${kernel.release}`;
  const [files, builtIn] = await Promise.all([
    host.text(`${folder}/modules.dep`, { maxBytes: MAX_BYTES }),
    host.text(`${folder}/modules.builtin`, { maxBytes: MAX_BYTES }),
  ]);
  if (files.state !== 'read') return all({ state: 'unknown', reason: files.reason });
  if (builtIn.state === 'failed') return all({ state: 'unknown', reason: builtIn.reason });
  const known = parseModulesDep(files.value);
  const without = builtIn.state === 'read' ? parseBuiltIn(builtIn.value) : new Set<string>();
  return new Map(
    await Promise.all(
      names.map(async (name): Promise<readonly [string, KernelPart]> => {
        if (without.has(name)) return [name, { state: 'built-in' }];
        const paths = known.filesOf(name);
        if (paths === undefined) return [name, { state: 'absent' }];
        const places = await Promise.all(
          paths.map(async (path) => ({
            name: moduleOfFile(path),
            place: await host.follow(path.startsWith('/') ? path : `${folder}/${path}`),
          })),
        );
        // A file that cannot be read now may well be there.
        const failed = places.find(({ place }) => place.state === 'failed')?.place;
        if (failed?.state === 'failed') return [name, { state: 'unknown', reason: failed.reason }];
        const found = places.flatMap(({ name: each, place }) =>
          place.state === 'read' ? [{ name: each, path: place.value }] : [],
        );
        return [name, found.length === places.length ? { state: 'file', files: found } : { state: 'absent' }];
      }),
    ),
  );
}
