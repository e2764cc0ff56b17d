import type { z } from 'zod';
import type { Volume, VolumeMount } from '../../../../schemas/kube/volumes.ts';
import type { Spec } from '../../spec/spec.ts';
import type { SpecSet } from '../spec-rule.ts';

/** Volumes that a manifest adds to its pods, and where it says so. */
export interface WrittenVolumes {
  readonly spec: Spec;
  /** The parent of `extraVolumes` and `extraVolumeMounts`. */
  readonly path: readonly string[];
  readonly volumes: readonly z.infer<typeof Volume>[];
  readonly mounts: readonly z.infer<typeof VolumeMount>[];
}

/** The volumes that clusters, clients and containers add. */
export function* extraPodVolumes({ clusters, clients, containers }: SpecSet): Iterable<WrittenVolumes> {
  for (const spec of clusters) {
    const { extraVolumes = [], extraVolumeMounts = [] } = spec.cluster.spec.podConfig ?? {};
    yield { spec, path: ['spec', 'podConfig'], volumes: extraVolumes, mounts: extraVolumeMounts };
  }
  for (const spec of clients) {
    const { extraVolumes = [], extraVolumeMounts = [] } = spec.client.spec;
    yield { spec, path: ['spec'], volumes: extraVolumes, mounts: extraVolumeMounts };
  }
  for (const spec of containers) {
    const { extraVolumes = [], extraVolumeMounts = [] } = spec.container.spec;
    yield { spec, path: ['spec'], volumes: extraVolumes, mounts: extraVolumeMounts };
  }
}
