import type { Repository, Snapshot } from '../../ports.ts';
import { Kustomize } from '../kustomize/kustomize.ts';
import { readSources } from './read-sources.ts';
import type { SourcesConfig } from './sources-config.ts';

/**
 * The repository, with the manifests that its files become in place of the files. What was read last is kept, so that
 * the same snapshot gives the same answer, and a folder of which nothing has changed is not built again.
 */
export function withSources(repository: Repository, config: SourcesConfig): Repository {
  const tools = {
    kustomize: new Kustomize(config.kustomize),
    keys: config.keys,
    withoutKey: 'error',
  } as const;
  let last: { readonly given: Snapshot; readonly made: Snapshot } | undefined;
  return {
    tip: (options) => repository.tip(options),
    async read(...args) {
      const given = await repository.read(...args);
      if (last?.given === given) return last.made;
      const { tree: openTree, ...snapshot } = given;
      if (openTree === undefined) return given;
      const tree = openTree();
      const read = await readSources(given, async (path) => ({ tree, path }), tools);
      const made = { ...snapshot, ...read };
      last = { given, made };
      return made;
    },
  };
}
