import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './lock.ts';
import { run } from './run.ts';
import { lastLines, Supervisor } from './supervisor.ts';

/** What the Go module here builds. */
export type GoProgram = 'kubernetes' | 'kwok';

/** The names it answers to. */
const links: Record<GoProgram, readonly string[]> = {
  kubernetes: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kubectl'],
  kwok: [],
};

const ownModule = fileURLToPath(new URL('.', import.meta.url));
const version = 'k8s.io/component-base/version';
const flags = [
  '-trimpath',
  '-buildvcs=false',
  // As Kubernetes itself builds: without gRPC's tracing, the linker drops what nobody calls.
  '-tags=grpcnotrace',
  // Nobody debugs these; it spares a third of the time and of the file.
  '-gcflags=all=-dwarf=false',
  `-ldflags=-s -w -X ${version}.gitVersion=v1.36.3 -X ${version}.gitMajor=1 -X ${version}.gitMinor=36`,
];

export interface BuildOptions {
  readonly cache: string;
  readonly report: (line: string) => void;
  /** Folder of the Go module, if not the one here. */
  readonly module?: string;
  readonly progressMs?: number;
}

/** The folder in the cache where a program is, once it is built: named by everything that goes into it. */
export async function builtFolder(cache: string, program: GoProgram, module = ownModule): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([platform(), arch(), flags]));
  for (const file of ['go.mod', 'go.sum', `${program}/main.go`]) {
    hash.update(await readFile(join(module, file)));
  }
  return join(cache, `${program}-${hash.digest('hex').slice(0, 16)}`);
}

/** Builds a program unless it is there. Of several that ask at once one builds, the others wait for it. */
export async function build(program: GoProgram, options: BuildOptions): Promise<string> {
  const folder = await builtFolder(options.cache, program, options.module);
  const onWait = () => options.report(`Another process builds ${program}; waiting for it.`);
  await alone(
    folder,
    async () => {
      if (await exists(folder)) return;
      // The lock is ours, so whoever left this is gone.
      const unfinished = `${folder}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { recursive: true });
      try {
        await compile(program, join(unfinished, program), options);
        for (const link of links[program]) await symlink(program, join(unfinished, link));
        await rename(unfinished, folder);
      } finally {
        await rm(unfinished, { recursive: true, force: true });
      }
    },
    onWait,
  );
  return folder;
}

async function compile(program: GoProgram, file: string, options: BuildOptions): Promise<void> {
  const { report, module = ownModule, progressMs = 20_000 } = options;
  await assertGo(module);
  const env = { ...process.env, CGO_ENABLED: '0' };
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  report(`Building ${program} from its Go modules; this is done once and takes minutes.`);

  // Held by a supervisor, so that no compiler runs on when this process is killed.
  const supervisor = await Supervisor.start();
  const log = join(supervisor.folder, 'go-build.log');
  const progress = setInterval(async () => {
    const packages = (await readFile(log, 'utf8').catch(() => '')).split('\n').length - 1;
    report(`Building ${program}: ${packages} packages compiled, ${seconds()}.`);
  }, progressMs);
  try {
    const args = ['build', '-v', ...flags, '-o', file, `./${program}`];
    const go = await supervisor.spawn({ file: 'go', args, cwd: module, env, log });
    const how = await go.ended;
    if (how !== 'exit code 0') {
      throw new Error(`go build of ${program} failed, ${how}:\n${await lastLines(log, 30)}`);
    }
    report(`Built ${program} in ${seconds()}.`);
  } finally {
    clearInterval(progress);
    await supervisor.end();
  }
}

async function assertGo(module: string): Promise<void> {
  const { stdout } = await run('go', ['env', 'GOVERSION'], { cwd: module }).catch((cause: unknown) => {
    const ways = 'Install Go 1.26, or set WEKA_GITOPS_PROGRAMS to a folder that holds the programs';
    throw new Error(`Go is needed to build Kubernetes for tests. ${ways}.`, { cause });
  });
  if (!stdout.startsWith('go1.')) throw new Error(`go env GOVERSION printed ${JSON.stringify(stdout)}.`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
