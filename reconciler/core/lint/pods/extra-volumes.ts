import { nearest } from '../../spec/nearest.ts';
import type { ValuePath } from '../../spec/source.ts';
import { quoted } from '../../spec/text.ts';
import { extraPodVolumes, type WrittenVolumes } from './extra-pod-volumes.ts';
import type { SpecProblem, SpecRule } from '../spec-rule.ts';

/** What the API server checks of a pod's volumes (Kubernetes' validation of pods), which a schema cannot say. */
export const extraVolumes: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'The API server refuses a pod whose mounts name no volume, or whose volumes share a name or have several sources.',
  example: {
    wrong:
      'spec:\n  podConfig:\n    extraVolumes: [{ name: corp-ca, secret: { secretName: ca } }]\n    extraVolumeMounts: [{ name: corp-cas, mountPath: /etc/ssl/certs/corp }]',
    right:
      'spec:\n  podConfig:\n    extraVolumes: [{ name: corp-ca, secret: { secretName: ca } }]\n    extraVolumeMounts: [{ name: corp-ca, mountPath: /etc/ssl/certs/corp }]',
  },
  *check(set) {
    for (const each of extraPodVolumes(set)) {
      for (const problem of [...ofVolumes(each), ...ofMounts(each)]) yield { spec: each.spec, ...problem };
    }
  },
};

type Problem = Omit<SpecProblem, 'spec'>;

function* ofVolumes({ path, volumes }: WrittenVolumes): Iterable<Problem> {
  const seen = new Set<string>();
  for (const [index, { name, ...sources }] of volumes.entries()) {
    const at: ValuePath = [...path, 'extraVolumes', index];
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      yield {
        path: [...at, 'name'],
        message: `${quoted(name)} is no name for a volume.`,
        hint: 'Write up to 63 small letters, digits and dashes, with a letter or digit at both ends.',
      };
    }
    if (seen.has(name)) {
      yield {
        path: [...at, 'name'],
        message: `There are two volumes ${quoted(name)}.`,
        hint: 'Give each volume a name of its own.',
      };
    }
    seen.add(name);
    const given = Object.entries(sources).flatMap(([source, value]) => (value === undefined ? [] : [source]));
    if (given.length > 1) {
      yield {
        path: at,
        message: `Volume ${quoted(name)} has ${given.length} sources (${given.join(', ')}), and can have one.`,
        hint: 'Make a volume of each.',
      };
    }
  }
}

function* ofMounts({ path, volumes, mounts }: WrittenVolumes): Iterable<Problem> {
  const names = volumes.map(({ name }) => name);
  const seen = new Set<string>();
  for (const [index, { name, mountPath }] of mounts.entries()) {
    const at: ValuePath = [...path, 'extraVolumeMounts', index];
    if (!names.includes(name)) {
      const near = nearest(name, names);
      yield {
        path: [...at, 'name'],
        message: `There is no volume ${quoted(name)} in extraVolumes.`,
        hint: near === undefined ? 'Add it to extraVolumes, or remove the mount.' : `Did you mean ${near}?`,
      };
    }
    if (seen.has(mountPath)) {
      yield {
        path: [...at, 'mountPath'],
        message: `Two volumes are mounted at ${mountPath}.`,
        hint: 'Mount each at a path of its own.',
      };
    }
    seen.add(mountPath);
  }
}
