import { isKnown } from '../../schemas/node/observed.ts';
import { unneeded } from './housekeeping.ts';
import { attempt, type DriverInput, type Goal, type Way } from './way.ts';

/** What unpacking takes at most beside the package itself, and what a disk should have left. */
const SPARE_BYTES = 64 << 20;

/** What is next to have a package in the cache. */
export function havePackage(
  input: DriverInput,
  { package: wanted, from }: Pick<Goal, 'package' | 'from'>,
  why: string,
): Way {
  const { freeBytes, partBytes = new Map<string, number>() } = input.facts;
  // What came before is on the disk already.
  const came = Math.min(wanted.bytes, partBytes.get(wanted.sha256) ?? 0);
  const needed = wanted.bytes - came + SPARE_BYTES;
  if (!isKnown(freeBytes) || freeBytes >= needed) {
    return attempt(input, { do: 'download', package: wanted, from, why });
  }
  const dropped = unneeded(input);
  if (dropped !== undefined) {
    return attempt(input, { do: 'drop', sha256: dropped, why: 'its place is needed, and nothing needs it' });
  }
  // What came of the package that is asked for now goes for no other.
  const asked = input.state.wanted?.package.sha256;
  const part = [...partBytes.keys()].find((sha256) => sha256 !== wanted.sha256 && sha256 !== asked);
  if (part !== undefined) {
    return attempt(input, {
      do: 'drop',
      sha256: part,
      why: 'its place is needed, and it has not come whole',
    });
  }
  return {
    waitMs: 60_000,
    hold: {
      state: 'failed',
      code: 'NO_SPACE',
      message: `The disk with the packages of the agent has ${mib(freeBytes)} MiB left, and the package takes ${mib(needed)} MiB${came > 0 ? ' more' : ''}.`,
      hint: 'Free space on the disk of the node that has the folder of the agent: /var/lib/weka-nodeagent, unless --state names another.',
    },
  };
}

function mib(bytes: number): number {
  return Math.ceil(bytes / (1 << 20));
}
