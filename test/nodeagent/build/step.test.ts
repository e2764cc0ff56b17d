import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LastLines } from '../../../nodeagent/build/last-lines.ts';
import { packModules } from '../../../nodeagent/build/pack-modules.ts';
import { type BuildRun, ownStep } from '../../../nodeagent/build/step.ts';
import { scratchFolder } from '../../cluster/scratch.ts';

function aRun(timeoutMs: number): BuildRun {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  onTestFinished(() => clearTimeout(timer));
  const stop = new AbortController().signal;
  return { output: new LastLines(() => {}), timeoutMs, stop, deadline: deadline.signal, env: {} };
}

describe('ownStep', () => {
  it('leaves what does not answer when the time of the build is over', async () => {
    const folder = await scratchFolder();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Nobody writes to it, so that opening it waits without end.
    onTestFinished(async () => await writeFile(pipe, ''));

    let isLeft = false;
    const run = { ...aRun(100), left: () => (isLeft = true) };
    await expect(ownStep(run, 'copying the sources', async () => await readFile(pipe))).rejects.toMatchObject(
      {
        code: 'BUILD_TIMEOUT',
        message:
          'The build was ended after 0.1 seconds, which is its buildTimeout, while copying the sources.',
      },
    );
    expect(isLeft).toBe(true);
  });

  it('ends packing when the time of the build is over', async () => {
    const folder = await scratchFolder();
    const path = join(folder, 'module.ko');
    await writeFile(path, Buffer.alloc(64 << 20, 'some module '));
    const members = Array.from({ length: 200 }, (_, index) => ({ name: `${index}.ko`, path }));
    const to = join(folder, 'package.tar.gz');
    const packing = Promise.withResolvers<unknown>();

    await expect(
      ownStep(aRun(100), 'packing', async (signal) => {
        try {
          return await packModules(members, to, signal);
        } catch (error) {
          packing.resolve(error);
          throw error;
        }
      }),
    ).rejects.toMatchObject({ code: 'BUILD_TIMEOUT' });
    expect(await packing.promise).toMatchObject({ name: 'AbortError' });
    await rm(to, { force: true });
  });

  it('gives what the step gives, and a failure of its own as it is', async () => {
    expect(await ownStep(aRun(60_000), 'packing', async () => await Promise.resolve(7))).toBe(7);
    const broken = ownStep(aRun(60_000), 'packing', async () => await Promise.reject(new Error('broken')));
    await expect(broken).rejects.toThrow('broken');
  });
});
