import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { arch, homedir, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './lock.ts';
import { run } from './run.ts';
import { lastLines, Supervisor } from './supervisor.ts';

/** What the Go module here builds. */
export type GoProgram = 'etcd' | 'kubernetes' | 'kwok';

/** The names it answers to. */
const links: Record<GoProgram, readonly string[]> = {
  etcd: [],
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
  readonly env?: NodeJS.ProcessEnv;
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
  const { report, module = ownModule, env: given = process.env, progressMs = 20_000 } = options;
  // Go keeps its caches below HOME and refuses to work without one; a workspace around this repository is not ours.
  const env = { HOME: homedir(), ...given, CGO_ENABLED: '0', GOWORK: 'off' };
  await assertGo(module, env);
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  report(`Building ${program} from its Go modules; this is done once and takes minutes.`);

  // Held by a supervisor, so that no compiler runs on when this process is killed.
  const supervisor = await Supervisor.start();
  const log = join(supervisor.folder, 'go-build.log');
  const progress = setInterval(() => {
    void describeProgress(log).then((what) => report(`Building ${program}: ${what}, ${seconds()}.`));
  }, progressMs);
  try {
    const args = ['build', '-v', ...flags, '-o', file, `./${program}`];
    const go = await supervisor.spawn({ file: 'go', args, cwd: module, env, log });
    const how = await go.ended;
    if (how !== 'exit code 0') {
      const lines = await lastLines(log, 30);
      throw new Error(`go build of ${program} failed, ${how}:\n${lines}${adviceOn(lines, dirname(file))}`);
    }
    report(`Built ${program} in ${seconds()}.`);
  } finally {
    clearInterval(progress);
    await supervisor.end();
  }
}

/** With -v, go names each module that it downloads and each package that it compiles. */
async function describeProgress(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  const downloads = lines.filter((line) => line.startsWith('go: downloading')).length;
  return `${downloads} modules downloaded, ${lines.length - downloads} packages compiled`;
}

function adviceOn(lines: string, folder: string): string {
  if (lines.includes('no space left on device')) {
    return `\nThe disk is full. A build needs 5 GB in Go's caches (see go env GOCACHE GOMODCACHE) and 1 GB in ${folder} and in ${tmpdir()}.`;
  }
  if (/dial tcp|no such host|connection refused|TLS handshake/.test(lines)) {
    return `\nThe Go modules could not be downloaded: GOPROXY has to name a proxy that this machine reaches. ${otherWays}`;
  }
  return '';
}

const otherWays =
  'Programs built elsewhere are taken from the folder that WEKA_GITOPS_PROGRAMS names, or from the cache in WEKA_GITOPS_CACHE.';

async function assertGo(module: string, env: NodeJS.ProcessEnv): Promise<void> {
  const needed = `Go 1.26 is needed to build Kubernetes for tests`;
  const { exitCode, stdout, stderr } = await run('go', ['env', 'GOVERSION'], { cwd: module, env }).catch(
    (cause: unknown) => {
      throw new Error(
        `${needed}, and there is no go on the PATH. Install it from https://go.dev/dl/. ${otherWays}`,
        {
          cause,
        },
      );
    },
  );
  if (exitCode === 0 && stdout.startsWith('go1.')) return;
  throw new Error(`${needed}, and this one does not work: ${(stderr || stdout).trim()}\n${otherWays}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
