import {
  MODULE_SIGNING,
  SIGNING_FOLDER,
  SIGNING_KEY_FOLDER,
  SIGNING_SOCKET,
} from '../../../schemas/drivers/signing.ts';
import { type HelperInit, type HelperVolume, scratch, secretFolder } from './helper-pod.ts';

const VOLUME = 'signing';

/** What a builder that signs modules is made of besides. */
export interface Signing {
  readonly before: readonly HelperInit[];
  readonly volumes: readonly HelperVolume[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Keeps the key that a builder signs with in a container of its own beside it: in the builder's a script of the manifest runs, and the
 * compiler with its arguments, which could read it there. The builder gets it once these have ended, so that what a script changes in the
 * container for later can still read it.
 */
export function signingKey(
  secrets: Readonly<Record<string, string>> | undefined,
  ourImage: string,
): Signing | undefined {
  const secret = secrets?.[MODULE_SIGNING];
  if (secret === undefined) return undefined;
  return {
    before: [
      {
        name: 'signing-key',
        image: ourImage,
        command: ['weka-nodeagent', 'keep-key'],
        mounts: [{ volume: VOLUME, path: SIGNING_FOLDER }],
        volumes: [secretFolder(`secret-${MODULE_SIGNING}`, secret, SIGNING_KEY_FOLDER)],
        stays: true,
      },
    ],
    volumes: [scratch(VOLUME, SIGNING_FOLDER)],
    env: { SIGNING_SOCKET },
  };
}
