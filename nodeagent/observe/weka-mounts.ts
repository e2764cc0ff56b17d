import { type Observed, unknown } from '../../schemas/node/observed.ts';
import { mountsInUse } from './steps.ts';

/** How many mounts WEKA's driver serves, by its file `interface`: the line `Active mounts: N`. */
export function parseActiveMounts(text: string): Observed<number> {
  const [, count] = /^\s*Active mounts:\s*(\d{1,15})\s*$/m.exec(text) ?? [];
  if (count === undefined) return unknown("WEKA's driver does not say how many mounts are active.");
  return mountsInUse(Number(count));
}

interface Frontend {
  readonly container: string;
  /** Number of its process, where the driver tells it. */
  readonly pid: string | undefined;
}

/** Who is connected to the driver: lines such as `Container=NAME Process=PID Connected frontend`. */
export function parseFrontends(text: string): readonly Frontend[] {
  const lines = text.matchAll(
    /^[ \t]*Container=(\S{1,128})(?:[ \t]+Process=(\d{1,10}))?[ \t]+(?:\S+[ \t]+){0,8}?Connected frontend[ \t]*$/gm,
  );
  return [...lines].map(([, container = '', pid]) => ({ container, pid }));
}
