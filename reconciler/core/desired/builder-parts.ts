import type { Toolchain } from '../../../schemas/settings.ts';
import type { HelperInit, HelperPod, HelperVolume } from './helper-pod.ts';
import { scratch } from './helper-pod.ts';

/** What is added to a builder's pod that does not build with its own image and its node's headers alone. */
export interface BuilderParts {
  readonly before: readonly HelperInit[];
  readonly volumes: readonly HelperVolume[];
}

/** Where a builder of another image than WEKA's finds the files of WEKA's (weka-operator §3.3). */
const SHARED = '/shared-weka-version';
/** Where headers are copied to. */
const COPIED = '/copied';
const HEADERS = ['/lib/modules', '/usr/src'] as const;

/** Has the files of WEKA's image beside an image that only builds. */
export function wekaVersion(image: string): BuilderParts {
  const to = `${SHARED}/opt-weka`;
  return {
    before: [
      {
        name: 'copy-weka-version',
        image,
        command: ['sh', '-euc', `mkdir -p ${to} && cp -a /opt/weka/. ${to}`],
        mounts: [{ volume: 'weka-version', path: SHARED }],
      },
    ],
    volumes: [scratch('weka-version', SHARED)],
  };
}

/** Has the headers of another image in place of the node's, as the driver-toolkit of an OpenShift release has them. */
export function headersOf({ headersImage }: Pick<Toolchain, 'headersImage'>): BuilderParts | undefined {
  if (headersImage === undefined) return undefined;
  const copies = HEADERS.map((path) => ({ path, volume: `headers${path.replaceAll('/', '-')}` }));
  return {
    before: [
      {
        name: 'headers',
        image: headersImage,
        // Links are followed: what they lead to is not in the builder's pod.
        command: ['sh', '-euc', copies.map(({ path }) => `cp -RLf ${path}/. ${COPIED}${path}`).join(' && ')],
        mounts: copies.map(({ path, volume }) => ({ volume, path: `${COPIED}${path}` })),
      },
    ],
    volumes: copies.map(({ path, volume }) => scratch(volume, path)),
  };
}

/** A builder's pod with such parts; what they bring comes in place of what the node has at the same path. */
export function withParts(pod: HelperPod, parts: readonly (BuilderParts | undefined)[]): HelperPod {
  const added = parts.filter((each) => each !== undefined);
  const volumes = added.flatMap((each) => each.volumes);
  const taken = new Set(volumes.map(({ path }) => path));
  return {
    ...pod,
    before: [...(pod.before ?? []), ...added.flatMap((each) => each.before)],
    volumes: [...pod.volumes.filter(({ path }) => !taken.has(path)), ...volumes],
  };
}
