import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoppedError } from '../../../../reconciler/errors.ts';
import { script, scratchFolder } from '../../../cluster/scratch.ts';
import { until } from '../../../cluster/until.ts';
import { built, kubectl, told, written } from './building.ts';

const program = await kubectl();

const FILES = {
  'kustomization.yaml': 'resources: [config.yaml]\n',
  'config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: app, namespace: weka }\n',
};

const before = process.env['TMPDIR'];
let temporary: string;
beforeEach(async () => {
  temporary = await scratchFolder();
  process.env['TMPDIR'] = temporary;
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
});

/** A program in place of kustomize. It writes its process id beside itself. */
async function standIn(name: string, ...lines: string[]): Promise<string> {
  const folder = await scratchFolder();
  return script(join(folder, name), `echo $$ >> ${folder}/pids`, ...lines);
}

async function pids(file: string): Promise<readonly number[]> {
  const text = await readFile(join(file, '../pids'), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function leftOver(): Promise<readonly string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith('weka-gitops-kustomize-'));
}

describe('a build', () => {
  it('is ended after its time, tried once more, and leaves nothing behind', async () => {
    const slow = await standIn('kustomize', 'exec /bin/sleep 600');
    const sources = await built(FILES, { program: slow, limits: { timeMs: 100 } });
    expect(sources.files).toEqual([]);
    expect(told(sources)).toEqual([
      'kustomization.yaml:1:1 kustomize-limits: kustomize took longer than 0.1 s to build this folder.',
    ]);
    const started = await pids(slow);
    expect(started).toHaveLength(2);
    await until('the end of both', () => !started.some(isAlive));
    expect(await leftOver()).toEqual([]);
  });

  it('is ended once it prints too much', async () => {
    const endless = await standIn('kustomize', 'exec /usr/bin/yes "a: b"');
    const sources = await built(FILES, { program: endless, limits: { outputBytes: 1024 * 1024 } });
    expect(told(sources)).toEqual([
      'kustomization.yaml:1:1 kustomize-limits: What kustomize makes of this folder is larger than 1 MiB.',
    ]);
    expect(await leftOver()).toEqual([]);

    const real = await built(FILES, { program, limits: { outputBytes: 20 } });
    expect(told(real)).toEqual([expect.stringContaining('is larger than 20 bytes')]);
  });

  it('that somebody kills is a fault of that folder, and leaves nothing behind', async () => {
    const killed = await standIn('kustomize', 'kill -9 $$');
    const sources = await built({ ...FILES, 'other/plain.yaml': 'a: b\n' }, { program: killed });
    expect(told(sources)).toEqual([
      'kustomization.yaml:1:1 kustomize-limits: kustomize was ended before it had built this folder (SIGKILL).',
    ]);
    expect(await pids(killed)).toHaveLength(2);
    expect(await leftOver()).toEqual([]);
  });

  it('is broken off with the work that asked for it', async () => {
    const slow = await standIn('kustomize', 'exec /bin/sleep 600');
    const stop = new AbortController();
    const building = built(FILES, { program: slow, signal: stop.signal });
    building.catch(() => undefined);
    const [pid = 0] = await until('its start', async () => {
      const started = await pids(slow);
      return started.length > 0 && started;
    });
    stop.abort(new StoppedError('SIGTERM'));
    await expect(building).rejects.toThrow('Ended by SIGTERM');
    await until('its end', () => !isAlive(pid));
    expect(await leftOver()).toEqual([]);
  });

  it('ends and leaves nothing behind where the process is told to end', async () => {
    const slow = await standIn('kustomize', 'exec /bin/sleep 600');
    const folder = await written({ ...FILES, 'config.json': JSON.stringify({ kustomize: slow }) });
    const main = join(import.meta.dirname, '../../../../reconciler/main.ts');
    const args = [main, 'validate', '--config', join(folder, 'config.json'), folder];
    const child = spawn(process.execPath, args, {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: temporary },
    });
    const ended = once(child, 'exit');
    const [pid = 0] = await until('its start', async () => {
      const started = await pids(slow);
      return started.length > 0 && started;
    });
    expect(await leftOver()).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    await until('the end of the build', () => !isAlive(pid));
    expect(await leftOver()).toEqual([]);
  });

  it('reads no more files, and none larger, than it may', async () => {
    const large = { ...FILES, 'config.yaml': `# ${'x'.repeat(2000)}\n${FILES['config.yaml']}` };
    expect(told(await built(large, { program, limits: { fileBytes: 1024 } }))).toEqual([
      'config.yaml:1:1 file-too-large: The file has 2.1 KiB, and at most 1 KiB are read.',
    ]);
    expect(told(await built(FILES, { program, limits: { files: 1 } }))).toEqual([
      'kustomization.yaml:1:13 kustomize-limits: The folder needs more than 1 files or 64 MiB to be built.',
    ]);
  });

  it('without a program is a finding that says how to get one', async () => {
    const none = await built(FILES, { program: '/nowhere/kustomize' });
    expect(told(none)).toEqual([
      'kustomization.yaml:1:1 kustomize-missing: This folder is built by kustomize, and /nowhere/kustomize is no program.',
    ]);
    expect(none.findings[0]?.hint).toContain('set kustomize in the configuration');
  });

  it('of another program that kustomize is called gets its arguments and no environment', async () => {
    const folder = await scratchFolder();
    const echo = await script(
      join(folder, 'kustomize'),
      `echo "$@" > ${folder}/args`,
      `/usr/bin/env > ${folder}/env`,
      `ls() { for each in "$1"/*; do echo "$each"; done; }`,
      `ls "$HOME" > ${folder}/home`,
    );
    await writeFile(join(folder, 'kubectl'), '');
    process.env['KUBECONFIG_SECRET'] = 'hunter2';
    await built(FILES, { program: echo });
    delete process.env['KUBECONFIG_SECRET'];
    expect(await readFile(join(folder, 'args'), 'utf8')).toMatch(
      /^build --load-restrictor LoadRestrictionsRootOnly \/\S+\/repository\n$/,
    );
    const env = await readFile(join(folder, 'env'), 'utf8');
    const names = env.split('\n').map((line) => line.split('=')[0] ?? '');
    const ofTheShell = ['', 'PWD', 'SHLVL', '_', 'OLDPWD'];
    expect(new Set(names.filter((name) => !ofTheShell.includes(name)))).toEqual(
      new Set(['HOME', 'HTTPS_PROXY', 'HTTP_PROXY', 'PATH', 'TMPDIR']),
    );
    expect(env).toMatch(/^PATH=$/m);
  });
});
