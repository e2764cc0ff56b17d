import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectId } from '../../../reconciler/core/kube/object.ts';
import type { Change, Outcome, Write } from '../../../reconciler/core/plan/change.ts';
import { KnownWrites } from '../../../reconciler/unattended/known-writes.ts';
import { apply } from '../../../reconciler/world/apply/apply.ts';
import { ApiError } from '../../../reconciler/world/kubeapi/errors.ts';
import type { Cluster } from '../../../reconciler/ports.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;

/** One object to be made. */
function create(name: string, kind = 'ConfigMap'): Write {
  const desired = { apiVersion: 'v1', kind, metadata: { name, namespace: 'weka' } } as KubeObject;
  const id = `v1/${kind}/weka/${name}` as ObjectId;
  return { op: 'create', id, fields: [], flags: [], desired, source: `${name}.yaml:1` } as unknown as Write;
}

const many = (count: number, prefix = 'c') =>
  Array.from({ length: count }, (_, n) => create(`${prefix}${String(n).padStart(5, '0')}`));

const unavailable = (status = 503, retryAfterMs?: number) =>
  new ApiError('API_UNAVAILABLE', `It answered ${status}.`, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
const invalid = () => new ApiError('API_INVALID', 'It is not valid.', { status: 400 });

interface LoopOptions {
  readonly writes: readonly Write[];
  /** What a write fails of; undefined where it works. */
  readonly fails: (name: string) => ApiError | undefined;
  /** What else makes passes. */
  readonly everyMs?: number;
}

/** Passes whenever something is due, on an API server whose answers a test decides. Time passes in a pass as well. */
class Loop {
  readonly time = new ManualTime();
  readonly lines: { readonly level: string; readonly message: string }[] = [];
  readonly counted: string[] = [];
  readonly known: KnownWrites;
  /** Names, in the order of the tries. */
  readonly tries: string[] = [];
  passes = 0;
  commit = 'c1';
  fails: LoopOptions['fails'];
  #seed = 1;
  readonly #writes: readonly Write[];
  readonly #everyMs: number;
  readonly #there = new Set<string>();

  constructor({ writes, fails, everyMs = HOUR }: LoopOptions) {
    this.fails = fails;
    this.#writes = writes;
    this.#everyMs = everyMs;
    this.known = new KnownWrites({
      time: this.time,
      random: () => this.random(),
      log: this.#log(),
      metrics: { observeError: (code) => void this.counted.push(code) },
    });
  }

  get warnings() {
    return this.lines.filter(({ level }) => level === 'warn');
  }

  random(): number {
    return (this.#seed = (this.#seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  }

  async pass(): Promise<readonly Outcome[]> {
    this.passes += 1;
    this.time.pass(30);
    const open: readonly Change[] = this.#writes.filter(({ id }) => !this.#there.has(id));
    const plan = this.known.calmed(open, this.commit);
    const outcomes = await apply(plan, this.#cluster(), { log: this.#log(), past: this.known });
    this.known.ended(outcomes);
    return outcomes;
  }

  /** Goes on for so long. */
  async goOn(ms: number): Promise<void> {
    const end = this.time.now() + ms;
    while (this.time.now() < end) {
      await this.pass();
      this.time.pass(Math.max(1, Math.min(this.known.dueMs() ?? Infinity, this.#everyMs)));
    }
  }

  #cluster(): Cluster {
    const put = async (object: KubeObject): Promise<KubeObject> => {
      const { name } = object.metadata;
      this.tries.push(name);
      await Promise.resolve();
      this.time.pass(1);
      const error = this.fails(name);
      if (error !== undefined) throw error;
      this.#there.add(`v1/${object.kind}/weka/${name}`);
      return object;
    };
    return { apply: put } as unknown as Cluster;
  }

  #log() {
    const at = (level: string) => (_: object, message: string) => void this.lines.push({ level, message });
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }
}

describe('an object that fails', () => {
  it('is tried ever more seldom and told of once for each code, though the codes take turns', async () => {
    let n = 0;
    const loop = new Loop({ writes: many(1), fails: () => (n++ % 2 === 0 ? unavailable() : invalid()) });
    await loop.goOn(HOUR);
    // By chance each wait is a part of one minute or five.
    expect(loop.passes).toBeLessThanOrEqual(70);
    expect(loop.warnings).toHaveLength(2);
  });

  it('is told of again once it has worked', async () => {
    const [write] = many(1) as [Write];
    const loop = new Loop({ writes: [write], fails: () => invalid() });
    await loop.pass();
    const { known } = loop;
    expect(known.isKnown({ change: write, result: 'failed', code: 'API_INVALID', why: '' })).toBe(true);
    expect(known.isKnown({ change: write, result: 'done' })).toBe(false);
    expect(known.isKnown({ change: write, result: 'failed', code: 'API_INVALID', why: '' })).toBe(false);
  });

  it('is counted when it is tried, and not while it stands', async () => {
    const loop = new Loop({ writes: many(1), fails: () => invalid(), everyMs: 50 });
    await loop.goOn(HOUR / 60);
    expect(loop.passes).toBeGreaterThan(200);
    expect(loop.counted).toHaveLength(loop.tries.length);
    expect(loop.tries.length).toBeLessThan(20);
  });

  it('is tried at once for a new commit', async () => {
    const loop = new Loop({ writes: many(1), fails: () => invalid() });
    await loop.goOn(HOUR / 4);
    const before = loop.tries.length;
    loop.commit = 'c2';
    await loop.pass();
    expect(loop.tries).toHaveLength(before + 1);
  });
});

describe('many objects that fail', () => {
  it('one after the other are tried again together', async () => {
    const loop = new Loop({ writes: many(200), fails: () => invalid() });
    await loop.goOn(HOUR);
    expect(loop.passes).toBeLessThanOrEqual(60);
    expect(loop.tries.length).toBe(loop.passes * 200);
    // Each is for its author to mend.
    expect(loop.warnings).toHaveLength(200);
  });

  it('since the API server can take none are tried a few at a time, and told of in a few lines', async () => {
    const loop = new Loop({ writes: many(200), fails: () => unavailable(500) });
    await loop.goOn(HOUR);
    // Each at its own pace they would be 25,000.
    expect(loop.tries.length).toBeLessThan(7_000);
    expect(loop.passes).toBeLessThan(300);
    expect(loop.warnings.length).toBeLessThan(40);
    // Whatever else makes a pass, it knows beforehand that none of them is tried.
    expect(many(200).filter((write) => loop.known.standing(write) === undefined)).toEqual([]);
    loop.fails = () => undefined;
    await loop.goOn(5 * 60 * SECOND);
    expect(await loop.pass()).toEqual([]);
  });

  it('hold up no other kind, and none of their own that would work', async () => {
    const broken = many(60, 'a-broken-');
    const fine = many(300, 'b-fine-');
    const others = Array.from({ length: 10 }, (_, n) => create(`z${n}`, 'Secret'));
    const loop = new Loop({
      writes: [...broken, ...fine, ...others],
      fails: (name) => (name.startsWith('a-broken') ? unavailable(500) : undefined),
    });
    await loop.pass();
    expect(loop.tries.filter((name) => name.startsWith('z'))).toHaveLength(10);
    await loop.goOn(60 * SECOND);
    expect((await loop.pass()).map(({ change }) => change.id.includes('a-broken'))).toEqual(
      Array.from({ length: 60 }, () => true),
    );
  });
});

describe('an API server that asks to be left alone', () => {
  it('is left alone by all objects, and that is told in the same words each time', async () => {
    const loop = new Loop({ writes: many(200), fails: () => unavailable(429, 60 * SECOND) });
    const first = await loop.pass();
    expect(loop.known.stoppedBy?.retryAfterMs).toBe(60 * SECOND);
    const why = new Set(first.flatMap((outcome) => (outcome.result === 'held' ? [outcome.why] : [])));
    expect([...why]).toEqual([
      'Nothing more was tried: the API server answered 429, and asks its clients to wait (API_UNAVAILABLE)',
    ]);
    const told = loop.warnings.length;
    for (let n = 0; n < 60; n++) {
      loop.time.pass(61 * SECOND);
      await loop.pass();
    }
    expect(loop.tries.length).toBeLessThanOrEqual(61 * 16);
    // Those that were held back before and fail now, and the other way round.
    expect(loop.warnings.length - told).toBeLessThanOrEqual(2);
    loop.fails = () => undefined;
    loop.time.pass(61 * SECOND);
    await loop.pass();
    expect(loop.known.stoppedBy).toBeUndefined();
  });
});

it('says of a deletion that somebody undoes what can be done about it', () => {
  const time = new ManualTime();
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const known = new KnownWrites({ time, random: () => 0.5, log, metrics: { observeError: () => {} } });
  const live = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'weka' },
  } as KubeObject;
  const prune = { op: 'prune', id: 'v1/ConfigMap/weka/a', fields: [], flags: [], live } as unknown as Write;
  known.calmed([], 'c1');
  for (let n = 0; n < 6; n++) {
    known.calmed([prune], 'c1');
    known.ended([{ change: prune, result: 'done' }]);
    time.pass(SECOND);
  }
  expect(known.calmed([prune], 'c1')).toEqual([
    expect.objectContaining({
      op: 'wait',
      reason: expect.stringMatching(
        /^Somebody makes it again each time it is deleted, .* put its manifest back$/,
      ),
    }),
  ]);
});
