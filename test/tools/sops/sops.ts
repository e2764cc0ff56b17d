import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { alone } from '../../cluster/lock.ts';
import { lastLines, Supervisor } from '../../cluster/supervisor.ts';

const PACKAGE = 'github.com/getsops/sops/v3/cmd/sops';
const PROGRESS_MS = 20_000;

const module = import.meta.dirname;
const flags = [
  '-trimpath',
  '-buildvcs=false',
  '-tags=grpcnotrace',
  '-gcflags=all=-dwarf=false',
  '-ldflags=-s -w',
];

/** The file of the real `sops`. It is built from its published modules the first time, and kept. */
export async function sopsProgram(report: (line: string) => void = console.error): Promise<string> {
  const folder = await builtFolder();
  if (await exists(folder)) return join(folder, 'sops');
  await mkdir(join(folder, '..'), { recursive: true });
  await alone(
    folder,
    async () => {
      if (await exists(folder)) return;
      // The lock is ours, so whoever left this is gone.
      const unfinished = `${folder}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished);
      await compile(join(unfinished, 'sops'), report);
      await rename(unfinished, folder);
    },
    () => report('Another process builds sops; waiting for it.'),
  );
  return join(folder, 'sops');
}

async function compile(file: string, report: (line: string) => void): Promise<void> {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  report('Building sops from its Go modules; this is done once and takes minutes.');
  // Held by a supervisor, so that no compiler runs on when this process is killed.
  const supervisor = await Supervisor.start();
  const log = join(supervisor.folder, 'go-build.log');
  const progress = setInterval(() => report(`Building sops: ${seconds()}.`), PROGRESS_MS);
  try {
    const env = { HOME: homedir(), ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
    const args = ['build', ...flags, '-o', file, PACKAGE];
    const go = await supervisor.spawn({ file: 'go', args, cwd: module, env, log });
    const how = await go.ended;
    if (how !== 'exit code 0')
      throw new Error(`go build of sops failed, ${how}:\n${await lastLines(log, 30)}`);
    report(`Built sops in ${seconds()}.`);
  } finally {
    clearInterval(progress);
    await supervisor.end();
  }
}

/** In the cache, named by everything that goes into the program. */
async function builtFolder(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, flags]));
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, file)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'weka-gitops', 'tools', `sops-${hash.digest('hex').slice(0, 16)}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
