import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { alone } from '../cluster/lock.ts';
import { lastLines, Supervisor } from '../cluster/supervisor.ts';

const PROGRESS_MS = 20_000;

/** A program of a published Go module. */
export interface GoProgram {
  readonly name: string;
  /** The package that is built. */
  readonly package: string;
  /** The folder of the go.mod that pins it, with everything that it is made of. */
  readonly module: string;
  /** Build tags. */
  readonly tags?: string;
  /** Whether it has parts in C, so that a C compiler is needed too. */
  readonly hasC?: boolean;
}

/** The file of a program. It is built from its published modules the first time, and kept. */
export async function goProgram(
  program: GoProgram,
  report: (line: string) => void = console.error,
): Promise<string> {
  const { name } = program;
  const folder = await builtFolder(program);
  if (await exists(folder)) return join(folder, name);
  await mkdir(join(folder, '..'), { recursive: true });
  await alone(
    folder,
    async () => {
      if (await exists(folder)) return;
      // The lock is ours, so whoever left this is gone.
      const unfinished = `${folder}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished);
      await compile(program, join(unfinished, name), report);
      await rename(unfinished, folder);
    },
    () => report(`Another process builds ${name}; waiting for it.`),
  );
  return join(folder, name);
}

async function compile(program: GoProgram, file: string, report: (line: string) => void): Promise<void> {
  const { name, module, hasC = false } = program;
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  report(`Building ${name} from its Go modules; this is done once and may take minutes.`);
  // Held by a supervisor, so that no compiler runs on when this process is killed.
  const supervisor = await Supervisor.start();
  const log = join(supervisor.folder, 'go-build.log');
  const progress = setInterval(() => report(`Building ${name}: ${seconds()}.`), PROGRESS_MS);
  try {
    const c = hasC ? { CGO_ENABLED: '1', CGO_CFLAGS: '-O1' } : { CGO_ENABLED: '0' };
    const env = { HOME: homedir(), ...process.env, ...c, GOWORK: 'off' };
    const args = ['build', ...flagsOf(program), '-o', file, program.package];
    const go = await supervisor.spawn({ file: 'go', args, cwd: module, env, log });
    const how = await go.ended;
    if (how !== 'exit code 0')
      throw new Error(`go build of ${name} failed, ${how}:\n${await lastLines(log, 30)}`);
    report(`Built ${name} in ${seconds()}.`);
  } finally {
    clearInterval(progress);
    await supervisor.end();
  }
}

function flagsOf({ tags }: GoProgram): readonly string[] {
  const tagged = tags === undefined ? [] : [`-tags=${tags}`];
  return ['-trimpath', '-buildvcs=false', ...tagged, '-gcflags=all=-dwarf=false', '-ldflags=-s -w'];
}

/** In the cache, named by everything that goes into the program. */
async function builtFolder(program: GoProgram): Promise<string> {
  const { name, module } = program;
  const hash = createHash('sha256').update(
    JSON.stringify([process.platform, process.arch, flagsOf(program)]),
  );
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, file)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'weka-gitops', 'tools', `${name}-${hash.digest('hex').slice(0, 16)}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
