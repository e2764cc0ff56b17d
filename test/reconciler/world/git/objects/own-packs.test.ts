import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { IncomingPack } from '../../../../../reconciler/world/git/clone/incoming-pack.ts';
import { GitError } from '../../../../../reconciler/world/git/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../../../reconciler/world/git/limits.ts';
import {
  hashOf,
  ObjectError,
  type GitObject,
  type Oid,
} from '../../../../../reconciler/world/git/objects/git-object.ts';
import { GitObjects } from '../../../../../reconciler/world/git/objects/git-objects.ts';
import { FiledObjects } from '../../../../../reconciler/world/git/objects/object-files.ts';
import { OwnPacks } from '../../../../../reconciler/world/git/objects/own-packs.ts';
import { encodeIndex } from '../../../../../reconciler/world/git/objects/pack-index.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { GitRepository } from '../../../../support/git-repository.ts';

const folder = await scratchFolder(afterAll);
let count = 0;

/** A repository whose files are versions of each other, so that git packs them as deltas upon deltas. */
const origin = await GitRepository.create(join(folder, 'origin.git'));
const body = Array.from({ length: 200 }, (_, index) => `line ${index}: ${Math.cos(index)}`);
for (let version = 0; version < 20; version++) {
  body[version * 7] = `changed in ${version}`;
  await origin.commit({ [`folder/v${version}.yaml`]: body.join('\n') });
}
const listing = await origin.git(['cat-file', '--batch-all-objects', '--batch-check']);
const objects = listing.split('\n').map((line) => line.split(' ') as [Oid, string, string]);

interface Clone {
  readonly path: string;
  readonly pack: string;
}

/** A clone into which these objects of the origin were received. */
async function clone(
  packOptions: readonly string[] = [],
  oids = objects.map(([oid]) => oid),
): Promise<Clone> {
  const path = join(folder, `clone-${++count}.git`);
  const packs = join(path, 'objects', 'pack');
  await mkdir(packs, { recursive: true });
  const base = join(folder, `made-${count}`);
  const options = ['-q', '--window=30', '--depth=30', '--no-reuse-delta', ...packOptions];
  const hash = await origin.git(['pack-objects', ...options, base], { input: `${oids.join('\n')}\n` });
  await using incoming = await IncomingPack.create(packs);
  await incoming.write(await readFile(`${base}-${hash}.pack`));
  await incoming.keep(DEFAULT_LIMITS, async () => undefined);
  const name = (await readdir(packs)).find((file) => file.endsWith('.pack'))!;
  return { path, pack: join(packs, name.replace(/\.pack$/, '')) };
}

function nameOf({ type, content }: GitObject): string {
  return hashOf(type, content.length).update(content).digest('hex');
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await rm(path);
  await writeFile(path, bytes);
}

function open({ pack }: Clone, limits: Partial<Limits> = {}): Promise<OwnPacks> {
  return OwnPacks.open([pack], { ...DEFAULT_LIMITS, ...limits });
}

describe('the packs of our own clone', () => {
  it.each([
    ['deltas of what lies before them', ['--delta-base-offset']],
    ['deltas of what they name', []],
    ['no deltas', ['--window=0']],
  ])('with %s give what git gives', async (_what, options) => {
    const packs = await open(await clone(options));
    for (const [oid, type, size] of objects) {
      const object = await packs.read(oid);
      expect([object?.oid, object?.type, object?.content.length]).toEqual([oid, type, Number(size)]);
      expect(nameOf(object!)).toBe(oid);
    }
    expect(objects.length).toBeGreaterThan(60);
  });

  it('are searched one after the other', async () => {
    const [first, second] = [objects[0]![0], objects[1]![0]];
    const names = [(await clone([], [first])).pack, (await clone([], [second])).pack];
    const packs = await OwnPacks.open(names, DEFAULT_LIMITS);

    expect((await packs.read(first))?.oid).toBe(first);
    expect((await packs.read(second))?.oid).toBe(second);
    expect(await packs.read(objects[2]![0])).toBeUndefined();
    expect(await packs.read('0'.repeat(40) as Oid)).toBeUndefined();
    expect(await packs.read('f'.repeat(40) as Oid)).toBeUndefined();
  });

  it('never give other bytes than were named, whichever byte of them is damaged', async () => {
    const made = await clone();
    const bytes = await readFile(`${made.pack}.pack`);
    let refused = 0;
    for (let at = 12; at < bytes.length; at += 97) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x55;
      await replace(`${made.pack}.pack`, damaged);
      const packs = await open(made);
      for (const [oid] of objects) {
        const read = await packs.read(oid).catch((error: unknown) => error);
        if (read instanceof Error) {
          expect(read instanceof ObjectError || read instanceof GitError).toBe(true);
          refused++;
        } else {
          expect(nameOf(read as GitObject)).toBe(oid);
        }
      }
    }
    expect(refused).toBeGreaterThan(10);
  });

  it('are refused with an index that is damaged', async () => {
    const made = await clone();
    const index = await readFile(`${made.pack}.idx`);
    const flipped = Buffer.from(index);
    flipped[1_500]! ^= 1;
    for (const bytes of [flipped, index.subarray(0, -1), index.subarray(0, 600), Buffer.alloc(0)]) {
      await replace(`${made.pack}.idx`, bytes);
      await expect(open(made)).rejects.toThrow('A pack index is damaged.');
    }
  });

  it('are refused where deltas go in circles', async () => {
    const oids = ['aa', 'bb'].map((pair) => Buffer.from(pair.repeat(20), 'hex'));
    const delta = Buffer.from([6, 7, 0x90, 6, 1, 0x78]);
    // Each is a change of the other.
    const [first, second] = oids
      .toReversed()
      .map((base) => Buffer.concat([Buffer.from([(7 << 4) | delta.length]), base, deflateSync(delta)]));
    const whole = Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\0\x02', 'latin1'), first!, second!]);
    const checksum = createHash('sha1').update(whole).digest();
    const pack = join(folder, `pack-${++count}`);
    await writeFile(`${pack}.pack`, Buffer.concat([whole, checksum]));
    const rows = oids.map((oid, index) => ({ oid, offset: 12 + index * first!.length, crc: 0 }));
    await writeFile(`${pack}.idx`, encodeIndex(rows, checksum));

    const packs = await OwnPacks.open([pack], DEFAULT_LIMITS);
    await expect(packs.read('aa'.repeat(20) as Oid)).rejects.toThrow('The deltas of a pack go in circles.');
  });

  it('give nothing that is larger than an object may be', async () => {
    const packs = await open(await clone(), { objectBytes: 1_000 });
    const [large] = objects.find(([, type, size]) => type === 'blob' && Number(size) > 4_000)!;

    await expect(packs.read(large)).rejects.toThrow(/^The repository has an object of .* at most 1000 bytes/);
  });
});

describe('the objects of our own clone', () => {
  it('are files that hold on to nothing but themselves', async () => {
    const { path } = await clone();
    const read = new GitObjects(new FiledObjects(path, { own: DEFAULT_LIMITS }), DEFAULT_LIMITS);
    for (const [oid, type, size] of objects) {
      if (type !== 'blob') continue;
      const content = (await read.blob(oid, 1_000_000)) as Uint8Array;
      expect([content.byteLength, content.buffer.byteLength]).toEqual([Number(size), Number(size)]);
    }
  });

  it('are commits that the library reads, though it is given no pack', async () => {
    const { path } = await clone();
    const files = new FiledObjects(path, { own: DEFAULT_LIMITS });
    const list = files.client.promises.readdir as (path: string) => Promise<readonly string[]>;
    const read = new GitObjects(files, DEFAULT_LIMITS);
    const tip = (await origin.git(['rev-parse', 'main'])) as Oid;

    const commit = await read.commit(tip);
    expect(commit?.tree).toBe(await origin.git(['rev-parse', 'main^{tree}']));
    expect(commit?.parents).toEqual([await origin.git(['rev-parse', 'main^'])]);
    expect(await list(join(path, 'objects', 'pack'))).toEqual([]);
    expect(await read.commit('0'.repeat(40) as Oid)).toBeUndefined();
  });

  it('are not taken to be missing where their pack is gone', async () => {
    const { path, pack } = await clone();
    const tip = (await origin.git(['rev-parse', 'main'])) as Oid;
    await rm(`${pack}.pack`);
    const read = () => new GitObjects(new FiledObjects(path, { own: DEFAULT_LIMITS }), DEFAULT_LIMITS);

    await expect(read().commit(tip)).rejects.toThrow(`Object ${tip} cannot be unpacked.`);
    await expect(read().object(tip)).rejects.toThrow(`Object ${tip} cannot be unpacked.`);
  });
});
