import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modulesFile } from '../../../schemas/drivers/package.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { until } from '../../cluster/until.ts';
import { guestKernel } from '../../guest/kernel.ts';
import { pathOf, sha256Of } from '../dist/dist-site.ts';
import {
  aService,
  failure,
  file,
  membersOf,
  release,
  script,
  sources,
  target,
  VERSION,
} from './build-site.ts';
import { MODULES, runBuilderPod, startBuilderPod } from './builder-pod.ts';

const newer = (await guestKernel('6.12')).release;

describe('a builder’s pod', { timeout: 300_000 }, () => {
  it.each(['6.1', '6.12'] as const)(
    'compiles every module for kernel %s, and publishes the package',
    async (version) => {
      const { dist, pod } = await aService();
      const kernel = (await guestKernel(version)).release;
      const env = { EXPECTED_KERNEL: kernel };
      const { exitCode, result, log } = await runBuilderPod(pod({ release: kernel, source: MODULES, env }));
      expect({ exitCode, log }).toMatchObject({ exitCode: 0 });

      const name = modulesFile({ ...target, kernel });
      const { body } = await dist.get(pathOf(name));
      expect(result).toEqual({
        schemaVersion: 1,
        result: 'published',
        package: {
          ...target,
          kernel,
          file: name,
          sha256: sha256Of(body),
          bytes: body.length,
          layout: 'modules',
        },
      });
      const members = membersOf(body);
      expect(members.map(({ name: member }) => member)).toEqual([
        `igb_uio-weka1.0.2-${kernel}.x86_64.ko`,
        `mpin_user-1.0.1-${kernel}.x86_64.ko`,
        `weka_driver-wekafsgw-${VERSION}-${kernel}.x86_64.ko`,
        `weka_driver-wekafsio-${VERSION}-${kernel}.x86_64.ko`,
      ]);
      for (const { content } of members) {
        expect(content.toString('latin1')).toContain(`vermagic=${kernel} `);
        expect(content.length).toBeLessThan(200_000);
      }
    },
  );

  it('makes the same bytes of the same sources, wherever they are, and with another builder beside it', async () => {
    const { pod, published } = await aService();
    const elsewhere = { from: MODULES, to: '/a/much/longer/path/of/sources' };
    const [one, other] = await Promise.all([
      runBuilderPod(pod({ source: MODULES })),
      runBuilderPod(
        pod({
          binds: [elsewhere],
          env: {
            DRIVER_SOURCE: elsewhere.to,
            TMPDIR: '/var/tmp/of/another/builder',
            EXTRA_BUILD_ARGS: '["-j1"]',
          },
          prepare: ['mkdir -p "$TMPDIR"', 'touch -d 2001-01-01 /var/tmp'],
        }),
      ),
    ]);

    expect(one.result).toMatchObject({ result: 'published' });
    expect(other.result).toEqual(one.result);
    expect(await published()).toEqual([join('drivers', file)]);
  });

  it('passes extraBuildArgs on', async () => {
    const { dist, pod } = await aService();
    const source = await sources({ kbuild: 'ccflags-y := $(EXTRA_BUILD)', text: 'MODULE_VERSION(MARK);' });
    const env = { EXTRA_BUILD_ARGS: JSON.stringify(['EXTRA_BUILD=-DMARK=\'"of a test"\'']) };
    const { result } = await runBuilderPod(pod({ source, env }));

    expect(result).toMatchObject({ result: 'published' });
    const [member] = membersOf((await dist.get(pathOf(file))).body);
    expect(member?.name).toBe(`wekatest-of-a-test-${release}.x86_64.ko`);
  });

  it('tells a compiler’s error with its last lines, and publishes nothing', async () => {
    const { pod, published } = await aService();
    const source = await sources({ text: 'int broken(void) { return nothing_of_that_name; }' });
    const { exitCode, result } = await runBuilderPod(pod({ source }));
    const { code, message, lastLines, target: of, hint } = failure(result);

    expect({ exitCode, code, of }).toEqual({ exitCode: 2, code: 'COMPILE', of: target });
    expect(message).toMatch(
      /^The drivers could not be compiled: wekatest\.c:3:\d+: error: ‘?'?nothing_of_that_name’?'? undeclared/,
    );
    expect(hint).toMatch(/^Correct extraBuildArgs or the sources/);
    expect(lastLines?.join('\n')).toContain('undeclared');
    expect(await published()).toEqual([]);
  });

  it('compiles nothing without headers, and says what is missing', async () => {
    const { pod, published } = await aService();
    const source = await sources();
    const none = await runBuilderPod(pod({ source, release: '5.15.0-91-generic' }));
    expect(failure(none.result)).toMatchObject({
      code: 'NO_HEADERS',
      message:
        'There are no whole headers of kernel 5.15.0-91-generic: /lib/modules/5.15.0-91-generic/build is missing.',
      hint: expect.stringMatching(/^Install the headers of exactly 5\.15\.0-91-generic on this node/),
    });

    const half = await runBuilderPod(pod({ source, prepare: ['rm -r /usr/lib/linux-kbuild-*'] }));
    expect(failure(half.result)).toMatchObject({
      code: 'NO_HEADERS',
      message: expect.stringMatching(
        /scripts, which leads to .*linux-kbuild-.*, and that is not in this pod\.$/,
      ),
    });
    expect(await published()).toEqual([]);
  });

  it('compiles nothing on a node with another kernel, nor with headers of another', async () => {
    const { pod, published } = await aService();
    const source = await sources();
    const other = await runBuilderPod(pod({ source, env: { EXPECTED_KERNEL: newer } }));
    expect(failure(other.result)).toMatchObject({
      code: 'WRONG_KERNEL',
      message: `The builder is for kernel ${newer}, and its node runs ${release}.`,
    });

    const build = (kernel: string) => `/usr/lib/modules/${kernel}/build`;
    const prepare = [`ln -sfn "$(readlink -f ${build(newer)})" ${build(release)}`];
    const headers = await runBuilderPod(pod({ source, prepare }));
    expect(failure(headers.result)).toMatchObject({
      code: 'WRONG_KERNEL',
      message: `The headers at /lib/modules/${release}/build are of ${newer}, and this node runs ${release}.`,
    });
    expect(await published()).toEqual([]);
  });

  it('runs the pre-run script first, which may bring the headers', async () => {
    const { pod } = await aService();
    const source = await sources();
    const { result } = await runBuilderPod(
      pod({
        source,
        prepare: ['mv /usr/src /usr/src.away'],
        env: script('set -e\nmv /usr/src.away /usr/src\necho brought\n'),
      }),
    );
    expect(result).toMatchObject({ result: 'published' });
  });

  it('ends what the pre-run script left in a session of its own before it compiles', async () => {
    const { pod } = await aService();
    const left = `$(error left $(shell cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 9876[5]'))`;
    const { result } = await runBuilderPod(
      pod({
        source: await sources({ kbuild: left }),
        env: script('env -i setsid sleep 98765 </dev/null >/dev/null 2>&1 &\nexit 0\n'),
      }),
    );
    expect(failure(result).lastLines?.join('\n')).toMatch(/\*\*\* left 0\./);
  });

  it('ends a build that takes too long, and all that it started', async () => {
    const { pod, published } = await aService();
    const kbuild = `$(shell sh -c 'trap "" TERM; sleep 100000')`;
    const source = await sources({ kbuild });
    const { result, log } = await runBuilderPod(pod({ source, env: { BUILD_TIMEOUT_SECONDS: '2' } }));

    expect({ ...failure(result), log }).toMatchObject({
      code: 'BUILD_TIMEOUT',
      message: 'The build was ended after 2 seconds, which is its buildTimeout, while compiling.',
    });
    expect(await published()).toEqual([]);
  });

  it.each([
    ['copying the sources', 16],
    ['compiling', 96],
  ])('says that the disk was full while %s', async (doing, kib) => {
    const { pod, published } = await aService();
    const source = await sources();
    await writeFile(join(source, 'large'), Buffer.alloc(40_000));
    const prepare = [`mount -t tmpfs -o size=${kib}k tmpfs /tmp`];
    const { result, log } = await runBuilderPod(pod({ source, prepare }));

    expect({ ...failure(result), log }).toMatchObject({
      code: 'NO_SPACE',
      message: `No space was left on the disk of the builder while ${doing}.`,
    });
    expect(await published()).toEqual([]);
  });

  it('ends at once when the pod is told to, amid compiling', async () => {
    const { pod, published } = await aService();
    const source = await sources({ kbuild: `$(shell echo it compiles >&2; sleep 100000)` });
    const running = await startBuilderPod(pod({ source }));
    await until('it compiles', async () => (await running.log()).includes('it compiles'));
    running.signal('SIGTERM');
    const { exitCode, result } = await running.ended;

    expect({ exitCode, ...failure(result) }).toMatchObject({
      exitCode: 2,
      code: 'STOPPED',
      message: 'The pod was told to end while compiling.',
    });
    expect(await published()).toEqual([]);
  });

  it('does not replace a package that has other bytes', async () => {
    const { dist, pod } = await aService();
    const other = Buffer.from('other bytes under that name');
    expect(await dist.put(file, other)).toMatchObject({ status: 201 });
    const { exitCode, result } = await runBuilderPod(pod({ source: await sources() }));

    expect({ exitCode, ...failure(result) }).toMatchObject({ exitCode: 2, code: 'UPLOAD_CONFLICT', target });
    expect((await dist.get(pathOf(file))).body).toEqual(other);
  });

  it('says what an image lacks', async () => {
    const { pod, published } = await aService();
    const nothing = await runBuilderPod(pod());
    expect(failure(nothing.result)).toMatchObject({
      code: 'NO_SOURCE',
      message: 'This image has neither sources of drivers nor the vendor’s command.',
    });

    const empty = await scratchFolder();
    const binds = [{ from: empty, to: '/given-sources' }];
    const asked = await runBuilderPod(pod({ binds, env: { DRIVER_SOURCE: '/given-sources' } }));
    expect(failure(asked.result)).toMatchObject({
      code: 'NO_SOURCE',
      message: 'There are no sources of drivers at /given-sources: it has neither Kbuild nor Makefile.',
    });

    const source = await sources();
    const without = await runBuilderPod(pod({ source, prepare: ['rm /usr/bin/make'] }));
    expect(failure(without.result)).toMatchObject({
      code: 'COMPILE',
      message: 'The drivers cannot be compiled, since this image has no make.',
    });
    expect(await published()).toEqual([]);
  });

  it('leaves nothing behind on the disk', async () => {
    const { pod } = await aService();
    const left = await scratchFolder();
    const binds = [{ from: left, to: '/left' }];
    const env = { TMPDIR: '/left', ...script('exit 1') };
    await runBuilderPod(pod({ source: await sources(), binds, env }));
    expect(await readdir(left)).toEqual([]);
  });
});
