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
  const { freeBytes } = input.facts;
  const needed = wanted.bytes + SPARE_BYTES;
  if (!isKnown(freeBytes) || freeBytes >= needed) {
    return attempt(input, { do: 'download', package: wanted, from, why });
  }
  const dropped = unneeded(input);
  if (dropped !== undefined) {
    return attempt(input, { do: 'drop', sha256: dropped, why: 'its place is needed, and nothing needs it' });
  }
  return {
    waitMs: 60_000,
    hold: {
      state: 'failed',
      code: 'NO_SPACE',
      message: `The disk with the packages of the agent has ${mib(freeBytes)} MiB left, and the package takes ${mib(needed)} MiB.`,
      hint: 'Free space on the node where /var/lib/weka-nodeagent is.',
    },
  };
}

function mib(bytes: number): number {
  return Math.ceil(bytes / (1 << 20));
}
