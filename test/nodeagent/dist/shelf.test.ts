import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PackageFolder } from '../../../nodeagent/dist/package-folder.ts';
import { Shelf } from '../../../nodeagent/dist/shelf.ts';
import { temporaryFolder } from '../drivers/temporary-folder.ts';
import { sha256Of } from './dist-site.ts';

const PLACE = { area: 'drivers', file: 'a.tar.gz' } as const;

/** A folder on a volume that may be away: reads of its files fail then, as they do on a network file system. */
class Volume extends PackageFolder {
  isAway = false;

  override async open(place: typeof PLACE) {
    if (this.isAway) throw Object.assign(new Error('EIO: i/o error, open'), { code: 'EIO' });
    return await super.open(place);
  }
}

describe('a package whose volume does not give it', () => {
  it('is kept, given to nobody meanwhile, and there again with the volume', async () => {
    const volume = new Volume(await temporaryFolder());
    await volume.prepare();
    await writeFile(join(volume.path, 'drivers', PLACE.file), 'bytes');
    await volume.writeDigest(PLACE, sha256Of(Buffer.from('bytes')));
    const said: string[] = [];
    const note = (_: unknown, message: string) => void said.push(message);
    const shelf = new Shelf(volume, { info: note, warn: note });
    const entry = (await shelf.look(PLACE))!;
    expect(await shelf.verify(entry)).toBe(true);

    volume.isAway = true;
    expect([await shelf.verify(entry, { anew: true }), await shelf.verify(entry)]).toEqual([false, false]);
    expect(said).toEqual(['Keeps a package that its volume does not give, and gives it to nobody']);
    expect(shelf.known(PLACE)).toBe(entry);

    volume.isAway = false;
    expect(await shelf.verify(entry)).toBe(true);
    expect(await volume.look(PLACE)).toMatchObject({ bytes: 5 });
    await shelf.noteOrder();
  });
});
