import { isKnown } from '../../../../schemas/node/observed.ts';
import { mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { wekaModules as loadedOf } from '../weka-modules.ts';

/** Only the file system's modules tell WEKA's version; the others have one of their own. */
const VERSIONED = new Set(['wekafsio', 'wekafsgw']);

/** They are replaced when drivers are loaded, unless something holds them, so that they only warn. */
export const wekaModules: NodeCheck = {
  about: 'no modules of another version of WEKA',
  why: 'A node has one version of the drivers; an older one that is held by a mount keeps the new one out.',
  concerns: 'all',
  from: 'report',
  check({ observed, hosted, pods }) {
    const loaded = loadedOf(observed);
    const look = mend('Look at the node.', "lsmod | grep -E '^(wekafs|mpin_user|igb_uio)'");
    if (!isKnown(loaded)) return unclear(loaded.unknown, look);
    if (loaded.length === 0) return pass('none loaded');
    const names = loaded.map(({ name }) => name);
    const unload = mend(
      'Unmount what uses them, and unload them; the right ones are loaded afterwards.',
      'sudo umount -a -t wekafs',
      `sudo rmmod ${names.join(' ')}`,
    );
    const wanted = new Set(hosted.flatMap(({ version }) => version ?? []));
    const others = loaded.flatMap(({ name, version }) =>
      VERSIONED.has(name) && version !== undefined && isKnown(version) && wanted.size > 0
        ? [...wanted].some((each) => isSame(version, each))
          ? []
          : [`${name} ${version}`]
        : [],
    );
    if (others.length > 0) {
      return warn(others.join(', '), `version ${[...wanted].join(' or ')}`, unload);
    }
    const settled = pods.some(({ labels }) => labels['weka.io/mode'] !== undefined);
    if (settled) return pass(names.join(', '));
    return warn(`${names.join(', ')}, and no container of WEKA`, 'none loaded before WEKA is there', unload);
  },
};

/** `4.4.5.118` is what `4.4.5.118-hash` calls itself too. */
function isSame(seen: string, wanted: string): boolean {
  return seen === wanted || (seen.startsWith(wanted) && !/^[\d.]/.test(seen.slice(wanted.length)));
}
