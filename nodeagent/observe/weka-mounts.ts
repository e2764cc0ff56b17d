import { type Observed, unknown } from '../../schemas/node/observed.ts';
import { mountsInUse } from './steps.ts';

/** How many mounts WEKA's driver serves, by its file `interface`: the line `Active mounts: N`. */
export function parseActiveMounts(text: string): Observed<number> {
  const [, count] = /^\s*Active mounts:\s*(\d{1,15})\s*$/m.exec(text) ?? [];
  if (count === undefined) return unknown("WEKA's driver does not say how many mounts are active.");
  return mountsInUse(Number(count));
}
