import { describe, expect, it } from 'vitest';
import { modulesFile } from '../../../schemas/drivers/package.ts';
import { guestKernel } from '../../guest/kernel.ts';
import { pathOf, sha256Of } from '../dist/dist-site.ts';
import { aService, failure, membersOf, release, sources, target, VERSION } from './build-site.ts';
import { MODULES, runBuilderPod } from './builder-pod.ts';

const coming = (await guestKernel('6.12')).release;
const AHEAD = { EXPECTED_KERNEL: coming, BUILD_AHEAD: 'true' };

describe(
  'a build for a kernel that its node has headers of, and has not booted',
  { timeout: 300_000 },
  () => {
    it('gives the very package that a node with that kernel would have built', async () => {
      const { dist, pod, site } = await aService();
      const ahead = await runBuilderPod(pod({ source: MODULES, env: AHEAD }));
      expect(ahead).toMatchObject({ exitCode: 0 });
      const name = modulesFile({ ...target, kernel: coming });
      const { body } = await dist.get(pathOf(name));
      expect(ahead.result).toMatchObject({
        result: 'published',
        package: { kernel: coming, file: name, sha256: sha256Of(body) },
      });
      const members = membersOf(body);
      expect(members.map(({ name: member }) => member)).toContain(
        `weka_driver-wekafsio-${VERSION}-${coming}.x86_64.ko`,
      );
      for (const { content } of members) {
        expect(content.toString('latin1')).toContain(`vermagic=${coming} `);
      }

      const booted = await runBuilderPod(pod({ release: coming, source: MODULES, env: AHEAD }));
      expect(booted.result).toEqual(ahead.result);
      expect(site.said('Was sent a package that is here already')).toHaveLength(1);
    });

    it('compiles nothing without those headers, nor with those of another kernel', async () => {
      const { pod, published } = await aService();
      const source = await sources();
      const none = await runBuilderPod(
        pod({ source, env: { EXPECTED_KERNEL: '6.99.0-1-cloud-amd64', BUILD_AHEAD: 'true' } }),
      );
      expect(failure(none.result)).toMatchObject({
        code: 'NO_HEADERS',
        target: { kernel: '6.99.0-1-cloud-amd64' },
      });
      const build = (kernel: string) => `/usr/lib/modules/${kernel}/build`;
      const prepare = [`ln -sfn "$(readlink -f ${build(release)})" ${build(coming)}`];
      const others = await runBuilderPod(pod({ source, prepare, env: AHEAD }));
      expect(failure(others.result)).toMatchObject({
        code: 'WRONG_KERNEL',
        message: `The headers at /lib/modules/${coming}/build are of ${release}, and the build is for ${coming}.`,
      });
      expect(await published()).toEqual([]);
    });

    it('is left for later where the vendor’s command would build: it does so for the kernel that runs alone', async () => {
      const { pod, published } = await aService();
      const { exitCode, result } = await runBuilderPod(pod({ env: AHEAD }));
      expect({ exitCode, ...failure(result) }).toMatchObject({
        exitCode: 0,
        code: 'RUNNING_KERNEL_ONLY',
        message: `weka driver pack builds for the kernel that runs alone, and ${coming} is not booted yet.`,
        target: { kernel: coming },
      });
      expect(await published()).toEqual([]);
    });
  },
);
