import fc from 'fast-check';
import type { World } from './crash-world.ts';
import type { Fault } from './fault-rules.ts';
import type { ServedRequest, Trouble } from './git-server.ts';

const ANY = ['too-many', 'error', 'unavailable', 'drop', 'cut', 'delay'] as const;
/** What may befall a call of each sort. */
const WISHES = {
  read: [...ANY, 'lose', 'stale'],
  watch: [...ANY, 'swallow', 'duplicate'],
  write: [...ANY, 'lose', 'conflict'],
  git: ['error', 'unavailable', 'too-many', 'cut-request', 'cut-answer', 'lose', 'race'],
} as const;

type Sort = keyof typeof WISHES;
export type Wish<Of extends Sort> = (typeof WISHES)[Of][number];

/** What befalls the calls of a sort, one after the other; undefined: nothing does. */
export type Chances = { readonly [Of in Sort]: readonly (Wish<Of> | undefined)[] };

const CALLS = 200;

/** Faults for three calls of ten. */
export function chances(seed: number): Chances {
  const some = <Of extends Sort>(sort: Of) => {
    const wishes: readonly Wish<Of>[] = WISHES[sort];
    const one = fc.oneof(
      { arbitrary: fc.constantFrom(...wishes), weight: 3 },
      { arbitrary: fc.constant(undefined), weight: 7 },
    );
    return fc.array(one, { minLength: CALLS, maxLength: CALLS });
  };
  const all = fc.record({ read: some('read'), watch: some('watch'), write: some('write'), git: some('git') });
  const [chosen] = fc.sample(all, { seed, numRuns: 1 });
  if (chosen === undefined) throw new Error('One was asked for.');
  return chosen;
}

/** Of which sort a call to the API server is. */
export function sortOf(method: string, url: string): 'read' | 'watch' | 'write' {
  if (method !== 'GET') return 'write';
  return /[?&]watch=true/.test(url) ? 'watch' : 'read';
}

const status = (code: number, reason: string): Fault => ({
  do: 'answer',
  status: code,
  // Longer waits would be those of the clock on the wall.
  headers: code === 429 ? { 'retry-after': '0' } : {},
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message: `chance says ${code}`, code },
});

/** The fault that a wish comes to. `old` is the list as it was before, where it is known. */
export function apiFault(wish: Wish<'read' | 'watch' | 'write'>, old: string | undefined): Fault | undefined {
  switch (wish) {
    case 'conflict':
      return status(409, 'Conflict');
    case 'too-many':
      return status(429, 'TooManyRequests');
    case 'error':
      return status(500, 'InternalError');
    case 'unavailable':
      return status(503, 'ServiceUnavailable');
    case 'drop':
    case 'lose':
      return { do: wish };
    case 'cut':
      return { do: 'cut', afterBytes: 40 };
    case 'delay':
      return { do: 'delay', ms: 20 };
    case 'stale':
      return old === undefined ? undefined : { do: 'answer', status: 200, body: old };
    case 'swallow': {
      let events = 0;
      return { do: 'edit', edit: (line) => (++events % 2 === 1 ? [] : [line]) };
    }
    case 'duplicate':
      return { do: 'edit', edit: (line) => [line, line] };
    default:
      throw new Error(`Unknown wish: ${JSON.stringify(wish satisfies never)}`);
  }
}

/** The trouble that a wish comes to for this request to the git server. */
export async function gitTrouble(
  wish: Wish<'git'>,
  { method, url }: ServedRequest,
  world: World,
): Promise<Trouble | undefined> {
  switch (wish) {
    case 'error':
      return { refuse: 500 };
    case 'unavailable':
      return { refuse: 503 };
    case 'too-many':
      return { refuse: 429, headers: { 'retry-after': '7' } };
    case 'cut-request':
      return method === 'POST' ? { cutRequestAfter: 10 } : undefined;
    case 'cut-answer':
      return { cutResponseAfter: 20 };
    case 'lose':
      return { cutResponseAfter: 0 };
    case 'race':
      if (method === 'POST' && url.endsWith('git-receive-pack')) await overtake(world);
      return undefined;
    default:
      throw new Error(`Unknown wish: ${JSON.stringify(wish satisfies never)}`);
  }
}

/** Another writer moves the status branch, and leaves its files as they are. */
export async function overtake({ repository, statusRef }: World): Promise<void> {
  const tip = await repository.resolve(statusRef);
  if (tip === undefined) return;
  const who = ['-c', 'user.name=Another', '-c', 'user.email=another@example.com'];
  const commit = await repository.git([
    ...who,
    'commit-tree',
    `${tip}^{tree}`,
    '-p',
    tip,
    '-m',
    'Another writer',
  ]);
  await repository.git(['update-ref', statusRef, commit]);
}
