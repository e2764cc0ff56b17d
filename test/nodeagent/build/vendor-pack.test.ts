import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../cluster/certificates.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { guestKernel } from '../../guest/kernel.ts';
import { installDriverCli } from '../../weka/driver-cli/install-driver-cli.ts';
import type { Settings } from '../../weka/driver-cli/place.ts';
import { unzip } from '../../weka/driver-cli/zip.ts';
import { SERVER_NAME } from '../dist/certificates.ts';
import { distSite, pathOf, sha256Of, startTestDist } from '../dist/dist-site.ts';
import { type BuilderPod, PROGRAMS, runBuilderPod } from './builder-pod.ts';

/** The tag of an image says more than the version of WEKA in it. */
const TAG = '4.4.5.118-k8s.3';
const VERSION = '4.4.5.118';
const { release } = await guestKernel('6.1');
/** Sources of the drivers, where the pod has them. */
const IN_POD = join(PROGRAMS, 'test/weka/modules');

describe('a builder’s pod of an image with the vendor’s command', { timeout: 300_000 }, () => {
  it('publishes what weka driver pack makes', async () => {
    const { dist, pod, journal } = await aVendorPod({ sources: IN_POD });
    const { exitCode, result, log } = await runBuilderPod(pod());
    expect({ exitCode, log }).toMatchObject({ exitCode: 0 });
    if (result?.result !== 'published') throw new Error(log);

    const { file, sha256, bytes, ...rest } = result.package;
    expect(rest).toEqual({ version: TAG, kernel: release, architecture: 'x86_64', layout: 'vendor' });
    expect(file).toMatch(/^weka-driver-[0-9a-f]+-[0-9a-f]+\.zip$/);
    const { body } = await dist.get(pathOf(file));
    expect({ sha256, bytes }).toEqual({ sha256: sha256Of(body), bytes: body.length });
    expect(unzip(body).map(({ name }) => name)).toEqual([
      'igb_uio.ko',
      'mpin_user.ko',
      'wekafsgw.ko',
      'wekafsio.ko',
    ]);
    expect(await journal()).toContainEqual(['driver', 'pack', '--without-agent', '--version', VERSION]);
  });

  it('has it sign where the manifest names a key, and passes the build id on', async () => {
    const { dist, pod, journal } = await aVendorPod({ sources: IN_POD });
    const folder = await scratchFolder();
    const { key, certificate } = CertificateAuthority.create('modules of a test');
    await writeFile(join(folder, 'signing_key.pem'), key);
    await writeFile(join(folder, 'signing_cert.pem'), certificate);
    const { result, log } = await runBuilderPod(
      pod({ signing: folder, env: { DRIVERS_BUILD_ID: 'ubuntu24.04' } }),
    );
    if (result?.result !== 'published') throw new Error(log);

    expect(result.package.buildId).toBe('ubuntu24.04');
    for (const { content } of unzip((await dist.get(pathOf(result.package.file))).body)) {
      expect(content.toString('latin1')).toMatch(/~Module signature appended~\n$/);
    }
    expect((await journal()).find(([, verb]) => verb === 'sign')).toEqual([
      'driver',
      'sign',
      expect.stringMatching(/signing\.pem$/),
      '--pack',
      '--without-agent',
      '--version',
      VERSION,
      '--kernel-build-id',
      'ubuntu24.04',
    ]);
  });

  it('publishes nothing that was to be signed and cannot be looked at', async () => {
    const { pod, site } = await aVendorPod({ sources: IN_POD });
    const folder = await scratchFolder();
    const { key, certificate } = CertificateAuthority.create('modules of a test');
    await writeFile(join(folder, 'signing_key.pem'), key);
    await writeFile(join(folder, 'signing_cert.pem'), certificate);
    const opaque = [
      'mkdir -p /usr/local/sbin',
      `printf '%s\\n' '#!/bin/sh' '/usr/local/bin/weka "$@" || exit' '[ "$2" != sign ] || for each in /opt/weka/dist/drivers/*.zip; do echo opaque > "$each"; done' > /usr/local/sbin/weka`,
      'chmod 755 /usr/local/sbin/weka',
    ];
    const { result, log } = await runBuilderPod(pod({ signing: folder, prepare: opaque }));
    expect({ result, log }).toMatchObject({
      result: {
        result: 'failed',
        code: 'SIGN',
        message: expect.stringMatching(
          /^It cannot be told whether weka driver sign signed the modules: weka-driver-[0-9a-f-]+\.zip cannot be looked at/,
        ) as string,
      },
    });
    expect((await readdir(site.folder, { recursive: true })).filter((name) => name.endsWith('.zip'))).toEqual(
      [],
    );

    // Without a key its name is what tells of it, and the log says so.
    const unsigned = opaque.map((line) => line.replace('!= sign', '!= pack'));
    const { pod: another } = await aVendorPod({ sources: IN_POD });
    const published = await runBuilderPod(another({ prepare: unsigned }));
    expect(published.result).toMatchObject({ result: 'published' });
    expect(published.log).toContain('The modules in the package cannot be looked at');
  });

  it('gets the version of a neighbouring image, where its own has none', async () => {
    const { pod, journal, weka } = await aVendorPod({ sources: IN_POD });
    const shared = join(await scratchFolder(), 'opt-weka');
    await mkdir(join(shared, 'dist'), { recursive: true });
    await cp(join(weka, 'dist/release'), join(shared, 'dist/release'), { recursive: true });
    const { result, log } = await runBuilderPod(
      pod({
        binds: [{ from: shared, to: '/shared-weka-version/opt-weka' }],
        prepare: ['rm /opt/weka/dist/release/*'],
      }),
    );

    expect({ result, log }).toMatchObject({ result: { result: 'published' } });
    const from = 'file://shared-weka-version/opt-weka';
    expect(await journal()).toContainEqual([
      'version',
      'get',
      '--driver-only',
      '--without-agent',
      '--from',
      from,
      VERSION,
    ]);
  });

  it.each<[string, Settings, string]>([
    [
      'fails',
      { faults: [{ command: ['driver', 'pack'], stderr: 'error: no toolchain', rc: 1 }] },
      'weka driver pack ended with exit code 1.',
    ],
    [
      'makes a package for another kernel',
      { packsFor: '5.15.0-91-generic' },
      expect.stringMatching(
        /^weka driver pack made weka-driver-[0-9a-f]+-([0-9a-f]+)\.zip, and this kernel’s signature is (?!\1)[0-9a-f]+\.$/,
      ) as string,
    ],
    [
      'cannot tell the signature of the kernel',
      {
        faults: [
          { command: ['driver', 'kernel'], stderr: 'error: no luck', rc: 1 },
          { command: ['driver', 'kernel-sig'], stderr: 'error: no luck', rc: 1 },
        ],
      },
      'weka driver kernel does not tell the signature of this kernel, by which its package is known.',
    ],
    [
      'cannot pack',
      { faults: [{ command: ['driver', '--help'], stderr: 'build\ninstall', rc: 1 }] },
      'The weka command of this image has no `driver pack`, so it is too old to build.',
    ],
  ])('tells that the vendor’s command %s', async (_what, settings, message) => {
    const { pod, site } = await aVendorPod({ sources: IN_POD, ...settings });
    const { exitCode, result } = await runBuilderPod(pod());

    expect({ exitCode, result }).toMatchObject({
      exitCode: 2,
      result: { result: 'failed', code: 'VENDOR_PACK', message, lastLines: expect.any(Array) },
    });
    expect((await readdir(site.folder, { recursive: true })).filter((name) => name.endsWith('.zip'))).toEqual(
      [],
    );
  });
});

describe('a package that the vendor’s command makes', { timeout: 300_000 }, () => {
  it('is not published where its modules are of another kernel than its name', async () => {
    const { release: other } = await guestKernel('6.12');
    const { pod, site } = await aVendorPod({ sources: IN_POD, buildsFor: other });
    const { exitCode, result } = await runBuilderPod(pod());

    expect({ exitCode, result }).toMatchObject({
      exitCode: 2,
      result: {
        result: 'failed',
        code: 'WRONG_KERNEL',
        message: `The build gave igb_uio for kernel ${other} x86_64, and this node runs ${release} x86_64.`,
      },
    });
    expect((await readdir(site.folder, { recursive: true })).filter((name) => name.endsWith('.zip'))).toEqual(
      [],
    );
  });
});

async function aVendorPod(settings: Settings) {
  const site = await distSite();
  const dist = await startTestDist(site);
  const root = await scratchFolder();
  const { bin, weka } = await installDriverCli(root, {
    versions: [VERSION],
    kernel: release,
    seenAs: '/',
    programs: join(PROGRAMS, 'test/weka/driver-cli'),
    ...settings,
  });
  const env = {
    IMAGE_NAME: `quay.io/weka.io/weka-in-container:${TAG}`,
    UPLOAD_URL: dist.url,
    UPLOAD_SERVER_NAME: SERVER_NAME,
  };
  return {
    dist,
    site,
    weka,
    journal: async () =>
      (await readFile(join(weka, 'stand-in/journal'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as string[]),
    pod: ({ env: more, binds = [], ...pod }: Partial<BuilderPod> = {}): BuilderPod => ({
      release,
      uploader: site.uploader,
      ...pod,
      env: { ...env, ...more },
      binds: [
        { from: weka, to: '/opt/weka' },
        { from: join(bin, 'weka'), to: '/usr/local/bin/weka' },
        ...binds,
      ],
    }),
  };
}
