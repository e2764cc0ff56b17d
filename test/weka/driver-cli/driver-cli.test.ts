import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Result, run } from '../../cluster/run.ts';
import { installDriverCli } from './install-driver-cli.ts';
import type { Settings } from './place.ts';
import { unzip, zip } from './zip.ts';

const VERSION = '4.4.5.118';

describe('the stand-in of weka driver', () => {
  it('lists its versions, the one in use first', async () => {
    const { weka } = await aCli({ versions: [VERSION] });

    expect(await weka('version')).toMatchObject({ stdout: `* ${VERSION}\n`, exitCode: 0 });
    expect(await weka('version', 'current')).toMatchObject({ stdout: `${VERSION}\n` });
    expect(await weka('version', '-J')).toMatchObject({ stdout: `["${VERSION}"]\n` });
  });

  it('tells the signature of a kernel as the last word, and that it can pack', async () => {
    const { weka } = await aCli({ versions: [VERSION], kernel: '6.1.0-40-cloud-amd64' });

    expect((await weka('driver', '--help')).stdout).toMatch(/^ +pack /m);
    const { stdout } = await weka('driver', 'kernel');
    expect(stdout).toMatch(/ [0-9a-f]{16}\n$/);
    expect((await weka('driver', 'kernel-sig')).stdout).toBe(`${stdout.trim().split(' ').at(-1)}\0`);
    expect((await weka('driver', 'kernel', '--kernel-build-id', 'ubuntu24.04')).stdout).not.toBe(stdout);
  });

  it('downloads a package by http or of a folder, and looks for it where no address is given', async () => {
    const { weka, name } = await aCli({ versions: [VERSION] });
    const from = await aTree(VERSION, await name());
    for (const address of [from.http, `file://${from.folder}`]) {
      const other = await aCli({ versions: [] });
      const args = ['--without-agent', '--version', VERSION];
      expect(await other.weka('version', 'get', '--driver-only', VERSION, '--from', address)).toMatchObject({
        exitCode: 0,
      });
      expect(await other.weka('driver', 'download', ...args)).toMatchObject({
        stderr: 'error: Failed to download the drivers\n',
        exitCode: 1,
      });
      expect(await other.weka('driver', 'download', ...args, '--from', address)).toMatchObject({
        exitCode: 0,
      });
      expect(await other.weka('driver', 'download', ...args)).toMatchObject({ exitCode: 0 });
      expect(await readdir(join(other.dist, 'drivers'))).toEqual([await name()]);
    }
    expect(await weka('version', 'get', '--driver-only', '1.2.3', '--from', from.http)).toMatchObject({
      stderr: 'error: Version missing: 1.2.3\n',
      exitCode: 1,
    });
  });

  it('installs nothing of a package that is broken or not there', async () => {
    const { weka, dist, name } = await aCli({ versions: [VERSION] });
    const install = ['driver', 'install', '--without-agent', '--version', VERSION];
    expect(await weka(...install)).toMatchObject({
      stderr: expect.stringContaining('are not there'),
      exitCode: 1,
    });

    await writeFile(
      join(dist, 'drivers', await name()),
      zip([{ name: 'a.ko', content: Buffer.from('x') }]).subarray(1),
    );
    expect(await weka(...install)).toMatchObject({
      stderr: expect.stringContaining('is broken'),
      exitCode: 1,
    });
    expect(await weka('driver', 'ready', '--without-agent', '--version', VERSION)).toMatchObject({
      exitCode: 1,
    });
  });

  it('does as its faults say, so often as they say, and keeps a journal', async () => {
    const { weka, root } = await aCli({
      versions: [VERSION],
      faults: [{ command: ['driver', 'kernel'], stderr: 'error: no luck', rc: 7, times: 1 }],
    });
    expect(await weka('driver', 'kernel')).toMatchObject({ stderr: 'error: no luck\n', exitCode: 7 });
    expect(await weka('driver', 'kernel')).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(root, 'opt/weka/stand-in/journal'), 'utf8')).toBe(
      '["driver","kernel"]\n'.repeat(2),
    );
  });

  it('knows neither other verbs nor other options', async () => {
    const { weka } = await aCli({ versions: [VERSION] });
    for (const args of [['status'], ['driver', 'fly'], ['driver', 'pack', '--fast'], ['version', 'fly']]) {
      expect(await weka(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^error: /) });
    }
  });
});

describe('zip', () => {
  it('makes what unzip reads, the same each time', () => {
    const entries = [
      { name: 'a.ko', content: Buffer.from('hello') },
      { name: 'b.ko', content: Buffer.alloc(100_000, 7) },
    ];
    const bytes = zip(entries);
    expect(zip(entries)).toEqual(bytes);
    expect(unzip(bytes)).toEqual(entries);
    expect(unzip(zip(entries, { isPacked: false }))).toEqual(entries);
    expect(bytes.length).toBeLessThan(1000);
  });

  it('notices a byte that is another', () => {
    const bytes = zip([{ name: 'a.ko', content: Buffer.from('hello') }]);
    bytes[34] = 0;
    expect(() => unzip(bytes)).toThrow('a.ko is broken.');
  });
});

async function aCli(settings: Settings & { readonly versions: readonly string[] }) {
  const root = await temporaryFolder();
  const { bin, weka: folder } = await installDriverCli(root, settings);
  const weka = async (...args: readonly string[]): Promise<Result> => await run(join(bin, 'weka'), args);
  const signature = async () => (await weka('driver', 'kernel')).stdout.trim().split(' ').at(-1) ?? '';
  const name = async () => {
    const spec = JSON.parse(await readFile(join(folder, 'dist/release', `${VERSION}.spec`), 'utf8')) as {
      driver_hash: string;
    };
    return `weka-driver-${spec.driver_hash}-${await signature()}.zip`;
  };
  return { root, dist: join(folder, 'dist'), weka, name };
}

/** A dist tree with one version and one package, as a folder and as a server. */
async function aTree(version: string, name: string) {
  const { weka, dist } = await aCli({ versions: [version] });
  await weka('version');
  await writeFile(join(dist, 'drivers', name), zip([{ name: 'a.ko', content: Buffer.from('x') }]));
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/dist/v1/', '');
    readFile(join(dist, path)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { folder: join(dist, '..'), http: `http://127.0.0.1:${port}` };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-test-'));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}
