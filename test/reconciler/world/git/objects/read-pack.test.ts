import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { IncomingPack } from '../../../../../reconciler/world/git/clone/incoming-pack.ts';
import { GitError } from '../../../../../reconciler/world/git/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../../../reconciler/world/git/limits.ts';
import { memorySource } from '../../../../../reconciler/world/git/objects/byte-source.ts';
import { FileWindow } from '../../../../../reconciler/world/git/objects/file-window.ts';
import {
  hashOf,
  ObjectError,
  type GitObject,
  type Oid,
} from '../../../../../reconciler/world/git/objects/git-object.ts';
import { GitObjects } from '../../../../../reconciler/world/git/objects/git-objects.ts';
import { FiledObjects } from '../../../../../reconciler/world/git/objects/object-files.ts';
import { readPack } from '../../../../../reconciler/world/git/objects/read-pack.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { runGit } from '../../../../support/git-command.ts';
import { GitRepository } from '../../../../support/git-repository.ts';

const COMMIT = 1;
const BLOB = 3;
const BY_OFFSET = 6;
const BY_OID = 7;

const folder = await scratchFolder(afterAll);
let count = 0;

/** The header of an entry, saying any size. */
function entry(code: number, size: number, ...rest: readonly Uint8Array[]): Buffer {
  const bytes = [(code << 4) | (size & 0x0f)];
  for (let left = Math.floor(size / 16); left > 0; left = Math.floor(left / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(left & 0x7f);
  }
  return Buffer.concat([Buffer.from(bytes), ...rest]);
}

function pack(entries: readonly Buffer[], objects = entries.length): Buffer {
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  header.writeUInt32BE(objects, 8);
  const body = Buffer.concat([header, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function blob(content: string): Buffer {
  return entry(BLOB, content.length, deflateSync(content));
}

function blobObject(text: string): GitObject {
  const content = Buffer.from(text);
  const oid = hashOf('blob', content.length).update(content).digest('hex') as Oid;
  return { oid, type: 'blob', content };
}

/** An empty clone. */
async function clone(): Promise<{ readonly packs: string; readonly objects: GitObjects }> {
  const path = join(folder, `clone-${++count}.git`);
  const packs = join(path, 'objects', 'pack');
  await mkdir(packs, { recursive: true });
  return { packs, objects: new GitObjects(new FiledObjects(path), DEFAULT_LIMITS) };
}

async function read(bytes: Buffer, limits: Partial<Limits> = {}, known: readonly GitObject[] = []) {
  const { rows } = await readPack(memorySource(bytes), { ...DEFAULT_LIMITS, ...limits }, async (oid) =>
    known.find((object) => object.oid === oid),
  );
  return rows.map(({ oid }) => oid.toString('hex'));
}

const HELLO = blobObject('hello\n');
/** Copies all six bytes of HELLO, then adds `x`. */
const HELLO_X = Buffer.from([6, 7, 0x90, 6, 1, 0x78]);

describe('readPack', () => {
  it('names what stands by itself', async () => {
    expect(await read(pack([blob('hello\n')]))).toEqual([HELLO.oid]);
    expect(await read(pack([]))).toEqual([]);
  });

  it('names what is a change of something else, before or after it, here or not', async () => {
    const changed = blobObject('hello\nx').oid;
    const delta = deflateSync(HELLO_X);
    const byOid = entry(BY_OID, HELLO_X.length, Buffer.from(HELLO.oid, 'hex'), delta);
    const first = blob('hello\n');
    const byOffset = entry(BY_OFFSET, HELLO_X.length, Buffer.from([first.length]), delta);

    expect((await read(pack([first, byOffset]))).toSorted()).toEqual([HELLO.oid, changed].toSorted());
    expect((await read(pack([byOid, first]))).toSorted()).toEqual([HELLO.oid, changed].toSorted());
    expect(await read(pack([byOid]), {}, [HELLO])).toEqual([changed]);
  });

  const delta = (bytes: readonly number[]) =>
    entry(BY_OID, bytes.length, Buffer.from(HELLO.oid, 'hex'), deflateSync(Buffer.from(bytes)));
  const damaged: Readonly<Record<string, Buffer>> = {
    'no pack': Buffer.from('<html>'.repeat(20)),
    'fewer objects than it says': pack([blob('a')], 2),
    'more bytes than its objects have': pack([blob('a'), Buffer.from('junk')], 1),
    'an object smaller than it says': pack([entry(BLOB, 5, deflateSync('a'))]),
    'an object larger than it says': pack([entry(BLOB, 1, deflateSync('abcde'))]),
    'an object that is not compressed': pack([entry(BLOB, 5, Buffer.from('abcde'))]),
    'an object of no type': pack([entry(5, 1, deflateSync('a'))]),
    'a change of something that is nowhere': pack([delta([6, 7, 0x90, 6, 1, 0x78])]),
    'a change of what lies before the pack': pack([
      entry(BY_OFFSET, 6, Buffer.from([0xff, 0x7f]), deflateSync(HELLO_X)),
    ]),
    'a change of itself': pack([entry(BY_OFFSET, 6, Buffer.from([0]), deflateSync(HELLO_X))]),
    'a change of something of another size': pack([blob('hello\n'), delta([5, 6, 0x90, 5, 1, 0x78])]),
    'a change that copies what is not there': pack([blob('hello\n'), delta([6, 7, 0x91, 3, 6, 1, 0x78])]),
    'a change that makes more than it says': pack([blob('hello\n'), delta([6, 2, 0x90, 6])]),
    'a change that makes less than it says': pack([blob('hello\n'), delta([6, 9, 0x90, 6])]),
    'a change with an empty command': pack([blob('hello\n'), delta([6, 6, 0x90, 6, 0])]),
  };
  it.each(Object.entries(damaged))('refuses %s', async (_what, bytes) => {
    await expect(read(bytes)).rejects.toBeInstanceOf(ObjectError);
  });

  it('names what is too large to hold as it passes by, in memory or in a file', async () => {
    const large = 'large, '.repeat(100_000);
    const bytes = pack([blob('a'), blob(large), blob('b')]);
    const oids = ['a', large, 'b'].map((content) => blobObject(content).oid);
    expect(await read(bytes, { objectBytes: 1_000 })).toEqual(oids);

    const path = join(folder, `pack-${++count}`);
    await writeFile(path, bytes);
    await using file = await FileWindow.open(path);
    const { rows } = await readPack(file, { ...DEFAULT_LIMITS, objectBytes: 1_000 }, async () => undefined);
    expect(rows.map(({ oid }) => oid.toString('hex'))).toEqual(oids);
  });

  it('notes the sizes of files that no manifest has, so that nobody need unpack them to find out', async () => {
    const sizes = { ...DEFAULT_LIMITS, fileBytes: 6 };
    const delta = entry(BY_OID, HELLO_X.length, Buffer.from(HELLO.oid, 'hex'), deflateSync(HELLO_X));
    const bytes = memorySource(pack([blob('hello\n'), blob('12345678'), delta]));
    const { large } = await readPack(bytes, sizes, async () => undefined);

    expect(large).toEqual(
      new Map([
        [blobObject('12345678').oid, 8],
        [blobObject('hello\nx').oid, 7],
      ]),
    );
  });

  it('hands on the small objects that it unpacked, whole ones and changed ones, as long as there is room', async () => {
    const delta = entry(BY_OID, HELLO_X.length, Buffer.from(HELLO.oid, 'hex'), deflateSync(HELLO_X));
    const bytes = pack([blob('hello\n'), blob('12345678'), delta]);
    const read = async (limits: Partial<Limits>, packed = bytes) =>
      (await readPack(memorySource(packed), { ...DEFAULT_LIMITS, ...limits }, async () => undefined)).small;

    expect([...(await read({})).values()]).toEqual(['hello\n', '12345678', 'hello\nx'].map(blobObject));
    expect([...(await read({ fileBytes: 7 })).keys()]).toEqual(
      ['hello\n', 'hello\nx'].map((text) => blobObject(text).oid),
    );

    const mebibytes = Array.from({ length: 20 }, (_, index) => blob(`${index}`.padStart(2 ** 20)));
    expect((await read({}, pack(mebibytes))).size).toBe(15);
  });

  it('says before it unpacks anything that it is too large', async () => {
    const small = { objectBytes: 1_000, blobBytes: 10_000 };
    const claims = (code: number, size: number) => pack([entry(code, size, deflateSync('a'))]);

    await expect(read(claims(COMMIT, 1_001), small)).rejects.toThrow(
      'has a commit of 1001 bytes; at most 1000 bytes',
    );
    await expect(read(claims(BLOB, 10_001), small)).rejects.toThrow(
      'has a file of 9.8 KiB; at most 9.8 KiB are read.',
    );
    await expect(read(claims(BLOB, 2 ** 50), {})).rejects.toThrow(
      'when unpacked; at most 2048 MiB are read.',
    );
    // 2^27 bytes are to come of 8.
    const bomb = [6, 0x80, 0x80, 0x80, 0x40, 0x90, 6];
    await expect(read(pack([blob('hello\n'), delta(bomb)]))).rejects.toThrow(
      'changes of a file of 128 MiB; at most 32 MiB',
    );
  });

  it('survives any bytes in the place of an object', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.nat(3), async (bytes, objects) => {
        const outcome = await read(pack([Buffer.from(bytes)], objects)).catch((error: unknown) => error);
        if (outcome instanceof Error)
          expect(outcome instanceof ObjectError || outcome instanceof GitError).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a pack that is kept', () => {
  it('reads as git reads it, and git reads it too', async () => {
    const origin = await GitRepository.create(join(folder, 'origin.git'));
    const body = Array.from({ length: 300 }, (_, index) => `line ${index}: ${Math.sin(index)}`);
    for (let version = 0; version < 20; version++) {
      body[version * 11] = `changed in ${version}`;
      await origin.commit({
        [`${version % 3}/f.yaml`]: body.join('\n'),
        [`new-${version}.yaml`]: `v: ${version}\n`,
      });
    }
    await origin.git(['repack', '-adfq', '--depth=50']);
    const all = (await origin.git(['rev-list', '--objects', '--all', '--no-object-names'])).split(
      '\n',
    ) as Oid[];
    const path = await origin.git(
      ['pack-objects', '--all', '--revs', '-q', '--delta-base-offset', join(folder, 'sent')],
      {
        input: '',
      },
    );
    const bytes = await readFile(join(folder, `sent-${path}.pack`));

    const { packs: kept, objects } = await clone();
    {
      await using incoming = await IncomingPack.create(kept);
      for (let at = 0; at < bytes.length; at += 1_000) await incoming.write(bytes.subarray(at, at + 1_000));
      await incoming.keep(DEFAULT_LIMITS, async () => undefined);
    }
    await runGit(kept, ['verify-pack', `pack-${bytes.subarray(-20).toString('hex')}.idx`]);
    for (const oid of all) {
      const object = await objects.object(oid);
      expect([oid, object?.type, object?.content.length]).toEqual([
        oid,
        await origin.git(['cat-file', '-t', oid]),
        Number(await origin.git(['cat-file', '-s', oid])),
      ]);
    }
    expect(await objects.object('0'.repeat(40) as Oid)).toBeUndefined();
  });

  it('is completed by what its changes build on', async () => {
    const { packs: kept, objects } = await clone();
    const thin = pack([entry(BY_OID, HELLO_X.length, Buffer.from(HELLO.oid, 'hex'), deflateSync(HELLO_X))]);
    {
      await using incoming = await IncomingPack.create(kept);
      await incoming.write(thin);
      await incoming.keep(DEFAULT_LIMITS, async () => HELLO);
    }
    expect((await objects.object(HELLO.oid))?.content.toString()).toBe('hello\n');
    const changed = blobObject('hello\nx');
    expect((await objects.object(changed.oid))?.content.toString()).toBe('hello\nx');
    await runGit(kept, [
      'index-pack',
      '--verify',
      (await readdir(kept)).find((name) => name.endsWith('.pack'))!,
    ]);
  });

  it('leaves nothing behind where its checksum is wrong', async () => {
    const { packs: kept } = await clone();
    const bytes = pack([blob('hello\n')]);
    bytes[14]! ^= 1;
    const attempt = async () => {
      await using incoming = await IncomingPack.create(kept);
      await incoming.write(bytes);
      await incoming.keep(DEFAULT_LIMITS, async () => undefined);
    };
    await expect(attempt()).rejects.toThrow('A pack is damaged or was cut off.');
    expect(await readdir(kept)).toEqual([]);
  });
});
