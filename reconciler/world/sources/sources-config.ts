import type { KustomizePlaces } from '../kustomize/find-kustomize.ts';
import type { KeySource } from '../secrets/open-sealed.ts';

/** What making manifests of a repository's files needs to know of this process. */
export interface SourcesConfig {
  readonly kustomize: KustomizePlaces;
  readonly keys: KeySource;
}
