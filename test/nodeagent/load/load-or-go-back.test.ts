import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepPackage, keptFile, readKept } from '../../../nodeagent/load/kept-package.ts';
import { StepFailedError } from '../../../nodeagent/plan/fault.ts';
import { until } from '../../cluster/until.ts';
import { aNode, BOTH, loads, LOADS, packageOf } from './loading-node.ts';

/** Takes the package of before, and no other. */
const OLD_ALONE = `if [ "$5" = 4.4.4 ]; then [ -e "$DRIVERS/weka-driver-89ab-4567.zip" ] && ${loads()}; else echo no luck; exit 1; fi`;

describe('loadOrGoBack', () => {
  it('loads what was loaded before, where the new one does not load', async () => {
    const node = await aNode({ install: OLD_ALONE, loaded: BOTH });
    const before = await node.keep('the package of before', '4.4.4');
    await expect(node.loadOrGoBack('unused')).rejects.toMatchObject({
      code: 'VENDOR_INSTALL',
      message: 'weka driver install ended with exit code 1. The node went back to 4.4.4.',
      lastLines: ['no luck'],
    });
    expect(await node.loaded()).toEqual(['wekafsio', 'wekafsgw']);
    expect(await node.version()).toBe('4.4.4');
    expect(await readdir(node.drivers)).toEqual([before.file]);
    expect(await node.journal()).toEqual([
      'driver ready --without-agent --version 4.4.5',
      'driver install --without-agent --version 4.4.5',
      `version get --driver-only --without-agent --from file:/${join(node.keeping, before.sha256)} 4.4.4`,
      'driver install --without-agent --version 4.4.4',
      'driver ready --without-agent --version 4.4.4',
    ]);
  });

  it('does not try what failed again in the same pod, and does in another', async () => {
    const node = await aNode({ install: OLD_ALONE, loaded: BOTH });
    await node.keep('the package of before', '4.4.4');
    const failed = {
      code: 'VENDOR_INSTALL',
      message: expect.stringMatching(/went back to 4\.4\.4\.$/) as string,
    };
    await expect(node.loadOrGoBack('unused')).rejects.toMatchObject(failed);
    const installed = async () => (await node.journal()).filter((line) => line.includes('install')).length;
    const before = await installed();
    await expect(node.loadOrGoBack('unused')).rejects.toMatchObject({ ...failed, lastLines: ['no luck'] });
    expect(await installed()).toBe(before);
    await expect(node.loadOrGoBack('unused', { pod: 'pod-b' })).rejects.toMatchObject(failed);
    expect(await installed()).toBe(before + 2);
  });

  it('loads what was loaded last also where nothing is, as after a boot', async () => {
    const node = await aNode({ install: OLD_ALONE });
    await node.keep('the package of before', '4.4.4');
    await expect(node.loadOrGoBack('never')).rejects.toMatchObject({ code: 'VENDOR_INSTALL' });
    expect(await node.version()).toBe('4.4.4');
    expect(await node.loaded()).toEqual(['wekafsio', 'wekafsgw']);
  });

  it('says of what it unloaded that it does not come back, where there never was a package of it', async () => {
    const node = await aNode({ install: 'echo no luck; exit 1', loaded: BOTH });
    await expect(node.loadOrGoBack('unused')).rejects.toMatchObject({
      code: 'VENDOR_INSTALL',
      message:
        'weka driver install ended with exit code 1. wekafsio 4.4.4 and wekafsgw 4.4.4 were unloaded before, and this node has no package to load them again.',
      lastLines: ['no luck'],
    });
    expect(await node.loaded()).toEqual([]);
  });

  it('goes back also where the command does not end in its time, after the others went', async () => {
    const late = `if [ "$5" = 4.4.4 ]; then ${loads()}; else exec sleep 1000; fi`;
    const node = await aNode({ install: late, loaded: BOTH });
    await node.keep('the package of before', '4.4.4');
    await expect(node.loadOrGoBack('unused', { commandMs: 6000 })).rejects.toMatchObject({
      code: 'VENDOR_INSTALL',
      message: 'weka driver install did not end within 6 seconds. The node went back to 4.4.4.',
    });
    expect(await node.version()).toBe('4.4.4');
  });

  it('says what went where the pod is told to end amid it', async () => {
    const node = await aNode({ install: 'touch "$ROOT/begun"; exec sleep 1000', loaded: BOTH });
    await node.keep('the package of before', '4.4.4');
    const stop = new AbortController();
    const running = node.loadOrGoBack('unused', { stop: stop.signal });
    await until('it is amid it', async () => (await readdir(node.root)).includes('begun'));
    stop.abort();
    await expect(running).rejects.toMatchObject({
      code: 'STOPPED',
      message:
        'The pod was told to end before the drivers were loaded. wekafsio 4.4.4 and wekafsgw 4.4.4 were unloaded before, and nothing could load them again.',
    });
  });

  it('tells its failure also where the disk does not take what is to be noted', async () => {
    const node = await aNode({ install: OLD_ALONE, loaded: BOTH });
    await node.keep('the package of before', '4.4.4');
    // What cannot be written to.
    await mkdir(join(node.keeping, 'tried.json.new'));
    await expect(node.loadOrGoBack('unused')).rejects.toMatchObject({
      code: 'VENDOR_INSTALL',
      message:
        'weka driver install ended with exit code 1. The node went back to 4.4.4. It could not be noted: the disk says EISDIR.',
      lastLines: ['no luck'],
    });
  });

  it('says that going back failed, too', async () => {
    const node = await aNode({ install: 'exit 1', loaded: BOTH });
    await node.keep('the package of before', '4.4.4');
    await expect(node.loadOrGoBack('unused')).rejects.toMatchObject({
      message:
        'weka driver install ended with exit code 1. Going back to 4.4.4 failed, too: weka driver install ended with exit code 1.',
    });
    // It is tried again, since there is nothing to lose.
    await expect(node.loadOrGoBack('unused')).rejects.toMatchObject({ code: 'VENDOR_INSTALL' });
  });

  it('unloads nothing where the package of what is loaded is broken and cannot be had', async () => {
    const node = await aNode({ install: LOADS, loaded: BOTH });
    await node.keep('the package of before', '4.4.4');
    const kept = (await readKept(node.keeping))!;
    await writeFile(keptFile(kept), 'rotten');
    const away = new StepFailedError({
      state: 'failed',
      code: 'PACKAGE_MISSING',
      message: 'The service does not have it.',
    });
    await expect(
      node.loadOrGoBack('unused', { bring: async () => await Promise.reject(away) }),
    ).rejects.toMatchObject({
      code: 'NO_WAY_BACK',
      message:
        'The package of 4.4.4 cannot be had, to go back to where 4.4.5 does not load. The service does not have it.',
    });
    expect(await node.loaded()).toEqual(['wekafsio', 'wekafsgw']);
    expect(await node.version()).toBe('4.4.4');

    // Once it can be had, there is a way back.
    const bring = async () => await writeFile(keptFile(kept), 'the package of before');
    await node.loadOrGoBack('unused', { bring });
    expect(await node.version()).toBe('4.4.5');
  });

  it('goes back to no package of another kernel', async () => {
    const node = await aNode({ install: OLD_ALONE, loaded: BOTH });
    await node.keep('the package of before', '4.4.4');
    const kept = (await readKept(node.keeping))!;
    const other = { ...kept, package: { ...kept.package, kernel: '5.15.0' } };
    await expect(node.loadOrGoBack('unused', { kept: other })).rejects.toMatchObject({
      message: expect.stringMatching(/has no package to load them again\.$/) as string,
    });
  });
});

describe('keepPackage', () => {
  it('keeps one package, with the spec of its version, in place of the one before', async () => {
    const node = await aNode({ install: 'exit 1' });
    const before = await node.keep('the package of before', '4.4.4');
    const now = await node.keep('the next one', '4.4.5');
    const kept = (await readKept(node.keeping))!;
    expect(kept).toMatchObject({ package: now, release: '4.4.5' });
    expect(await readFile(keptFile(kept), 'utf8')).toBe('the next one');
    expect(await readFile(join(kept.tree, 'dist/release/4.4.5.spec'), 'utf8')).toBe('{}');
    expect((await readdir(node.keeping)).toSorted()).toEqual([now.sha256, 'kept.json'].toSorted());
    expect(before.sha256).not.toBe(now.sha256);
  });

  it('leaves nothing behind of what the disk does not take', async () => {
    const node = await aNode({ install: 'exit 1' });
    const before = await node.keep('the package of before', '4.4.4');
    const coming = packageOf('the next one', '4.4.5');
    // A folder cannot be copied as a file is, and no more can what a full disk breaks off.
    await expect(
      keepPackage(node.keeping, {
        package: coming,
        release: '4.4.5',
        path: join(node.root, 'before.zip'),
        spec: node.root,
      }),
    ).rejects.toThrow(/E[A-Z]+/);
    expect((await readdir(node.keeping)).toSorted()).toEqual([before.sha256, 'kept.json'].toSorted());
  });

  it('writes one that rotted again, and takes what it cannot make out for nothing', async () => {
    const node = await aNode({ install: 'exit 1' });
    const wanted = await node.keep('the package', '4.4.4');
    const kept = (await readKept(node.keeping))!;
    await writeFile(keptFile(kept), 'rotten');
    await node.keep('the package', '4.4.4');
    expect(await readFile(keptFile(kept), 'utf8')).toBe('the package');

    await writeFile(join(node.keeping, 'kept.json'), '{"schemaVersion":2}');
    expect(await readKept(node.keeping)).toBeUndefined();
    await rm(dirname(keptFile(kept)), { recursive: true });
    await keepPackage(node.keeping, {
      package: wanted,
      release: '4.4.4',
      path: join(node.root, 'before.zip'),
      spec: join(node.root, 'none.spec'),
    });
    expect(await readKept(node.keeping)).toMatchObject({ package: wanted });
    expect(packageOf('the package', '4.4.4').sha256).toBe(wanted.sha256);
  });
});
