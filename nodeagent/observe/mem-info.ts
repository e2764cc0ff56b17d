import { type Observed, unknown } from '../../schemas/node/observed.ts';

/** All memory in MiB, by the meminfo of the whole machine (`MemTotal:`) or of a NUMA node (`Node 0 MemTotal:`). */
export function parseMemTotal(text: string): Observed<number> {
  const [, kiB] = /^(?:Node \d+ )?MemTotal:\s+(\d{1,15}) kB$/m.exec(text) ?? [];
  return kiB === undefined ? unknown('meminfo has no MemTotal.') : Math.floor(Number(kiB) / 1024);
}
