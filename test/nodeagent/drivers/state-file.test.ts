import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StateFile } from '../../../nodeagent/drivers/state-file.ts';
import { type DriversState, NO_STATE } from '../../../nodeagent/plan/drivers-state.ts';
import { run } from '../../cluster/run.ts';
import { anIntent } from '../plan/driver-builders.ts';
import { temporaryFolder } from './temporary-folder.ts';

const at = (generation: number): DriversState => ({ ...NO_STATE, generation });

/** A disk of so many KiB. */
async function smallDisk(kib: number): Promise<string> {
  const folder = await temporaryFolder();
  await run('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder]);
  onTestFinished(async () => void (await run('umount', [folder])));
  return folder;
}

async function fillUp(folder: string): Promise<void> {
  for (const bytes of [64 * 1024, 4096, 1]) {
    for (let count = 0; ; count += 1) {
      const error: unknown = await writeFile(
        join(folder, `full-${bytes}-${count}`),
        Buffer.alloc(bytes),
      ).catch((thrown: unknown) => thrown);
      if (error !== undefined) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
        break;
      }
    }
  }
}

describe('what an agent writes down', () => {
  it('is nothing where nothing was', async () => {
    const file = new StateFile(join(await temporaryFolder(), 'none'));
    expect([await file.read(), file.unread]).toEqual([NO_STATE, undefined]);
  });

  it('is written on a full disk as well, as often as need be', async () => {
    const disk = await smallDisk(256);
    const file = new StateFile(join(disk, 'drivers'));
    await file.write(at(1));
    await fillUp(disk);
    for (const generation of [2, 3, 4, 5]) {
      await file.write(at(generation));
      expect(await new StateFile(join(disk, 'drivers')).read()).toEqual(at(generation));
    }
  });

  it('stays whole where the disk has room for a part of the next alone', async () => {
    const disk = await smallDisk(256);
    const folder = join(disk, 'drivers');
    const file = new StateFile(folder);
    await file.write(at(1));
    await fillUp(disk);
    await rm(join(disk, 'full-65536-0'));
    const ca = 'x'.repeat(120 * 1024);
    const large: DriversState = { ...at(2), wanted: anIntent('4.4.5', { from: [{ url: 'https://a', ca }] }) };
    await expect(file.write(large)).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(await new StateFile(folder).read()).toEqual(at(1));
    // The room that was there stays, and what was left of the disk as well.
    await writeFile(join(disk, 'other'), Buffer.alloc(60 * 1024));
    await fillUp(disk);
    await file.write(at(3));
    expect(await new StateFile(folder).read()).toEqual(at(3));
  });

  it('can be written again on a full disk where it was large from the first', async () => {
    const disk = await smallDisk(256);
    const file = new StateFile(join(disk, 'drivers'));
    const large = (generation: number): DriversState => ({
      ...at(generation),
      wanted: anIntent('4.4.5', {
        from: [
          { url: 'https://a', ca: 'x'.repeat(15_000) },
          { url: 'https://b', ca: 'x'.repeat(15_000) },
        ],
      }),
    });
    await file.write(large(1));
    await fillUp(disk);
    await file.write(large(2));
    expect(await file.read()).toEqual(large(2));
  });

  it('leaves what was there where the disk was full before anything was', async () => {
    const disk = await smallDisk(64);
    const file = new StateFile(join(disk, 'drivers'));
    await fillUp(disk);
    await expect(file.write(at(1))).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(await file.read()).toEqual(NO_STATE);
    for (const name of await readdir(disk)) await rm(join(disk, name), { recursive: true });
    await file.write(at(1));
    expect(await file.read()).toEqual(at(1));
  });

  it('is whole whenever the process is killed', async () => {
    const folder = await temporaryFolder();
    const file = new StateFile(folder);
    const [path, spare, before] = [file.path, `${file.path}.next`, `${file.path}.before`];
    await file.write(at(1));
    await file.write(at(2));
    const newer = await readFile(path, 'utf8').then((text) => text.replace('2', '3'));
    const kills: Readonly<Record<string, () => Promise<void>>> = {
      'amid the writing': async () => await writeFile(spare, '{"schemaVersion":1,'),
      'before the new one has its name': async () => {
        await writeFile(spare, newer);
        await link(path, before);
      },
      'before the room of the old one has its name': async () => {
        await writeFile(spare, newer);
        await link(path, before);
        await rename(spare, path);
      },
    };
    let generation = 2;
    for (const kill of Object.values(kills)) {
      await kill();
      const expected = (await readFile(path, 'utf8')) === newer ? 3 : generation;
      expect(await new StateFile(folder).read()).toEqual(at(expected));
      await new StateFile(folder).write(at((generation += 10)));
      expect(await new StateFile(folder).read()).toEqual(at(generation));
      expect(await readdir(folder)).toEqual(['state.json', 'state.json.next']);
      // They are two files: what is written to one is not in the other.
      expect((await stat(path)).ino).not.toBe((await stat(spare)).ino);
    }
  });

  it.each([
    ['is of a later version', '{"schemaVersion":2,"drivers":[]}', 'state.json.v2', /by a later version/],
    ['is cut off', '{"schemaVersion":1,', 'state.json.unreadable', /not as an agent writes it/],
    ['says something else', '[]', 'state.json.unreadable', /not as an agent writes it/],
    ['is empty', '', 'state.json.unreadable', /not as an agent writes it/],
  ])('is kept aside where it %s', async (_, text, aside, why) => {
    const folder = await temporaryFolder();
    const file = new StateFile(folder);
    await writeFile(file.path, text);
    expect(await file.read()).toEqual(NO_STATE);
    expect(file.unread).toEqual({
      why: expect.stringMatching(why) as string,
      aside: join(folder, aside),
    });
    // To look at it changes nothing.
    expect(await readdir(folder)).toEqual(['state.json']);
    await file.write(at(1));
    await file.write(at(2));
    expect(await readFile(join(folder, aside), 'utf8')).toBe(text);
    expect([await file.read(), file.unread]).toEqual([at(2), undefined]);
  });

  it('is written anew where a person has removed what could not be gone by', async () => {
    const folder = await temporaryFolder();
    const file = new StateFile(folder);
    await writeFile(file.path, '{broken');
    await file.read();
    await rm(file.path);
    await file.write(at(1));
    expect([await file.read(), await readdir(folder)]).toEqual([at(1), ['state.json', 'state.json.next']]);
  });

  it('is kept aside where the disk does not give it', async () => {
    const folder = await temporaryFolder();
    const file = new StateFile(folder);
    await mkdir(file.path);
    expect(await file.read()).toEqual(NO_STATE);
    expect(file.unread?.why).toMatch(/cannot be read \(EISDIR\)/);
    await file.write(at(1));
    expect(await file.read()).toEqual(at(1));
    expect((await stat(`${file.path}.unreadable`)).isDirectory()).toBe(true);
  });
});
