import { type Observed, unknown } from '../../schemas/node/observed.ts';
import { quoted } from './number.ts';

/** A line of `/proc/modules`. */
export interface LoadedModule {
  readonly name: string;
  readonly state: 'live' | 'loading' | 'unloading';
  readonly inUse: 'yes' | 'no';
  readonly usedBy: readonly string[];
  readonly taints?: string;
}

const STATES: Readonly<Record<string, LoadedModule['state']>> = {
  Live: 'live',
  Loading: 'loading',
  Unloading: 'unloading',
};

/** A name that can be part of a path. */
const NAME = /^[\w-]{1,128}$/;

/** The loaded modules by name. One line that cannot be understood makes all of them unknown: a module must not hide. */
export function parseModules(text: string): Observed<readonly LoadedModule[]> {
  const modules: LoadedModule[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const module = parseModule(line);
    if (module === undefined) return unknown(`/proc/modules has a line that is no module: ${quoted(line)}.`);
    modules.push(module);
  }
  return modules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** `wekafsio 4096 2 wekafsgw,mpin_user, Live 0x0000000000000000 (OE)`. A kernel that cannot unload says `-` for users. */
function parseModule(line: string): LoadedModule | undefined {
  const [name = '', size = '', count = '', users = '', word = '', , marks] = line.split(' ');
  const state = Object.hasOwn(STATES, word) ? STATES[word] : undefined;
  if (!NAME.test(name) || !/^\d+$/.test(size) || !/^(\d+|-)$/.test(count) || state === undefined)
    return undefined;
  const usedBy = users.split(',').filter((user) => user !== '' && user !== '-' && user !== '[permanent]');
  // A module that comes or goes has a + or - among them, which the state says already.
  const taints = /^\(([A-Z+-]+)\)$/.exec(marks ?? '')?.[1]?.replaceAll(/[+-]/g, '') ?? '';
  return {
    name,
    state,
    inUse: count === '0' ? 'no' : 'yes',
    usedBy: usedBy.toSorted(),
    ...(taints === '' ? {} : { taints }),
  };
}
