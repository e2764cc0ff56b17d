import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { alone } from '../../cluster/lock.ts';
import { run } from '../../cluster/run.ts';

const PACKAGE = 'github.com/fluxcd/kustomize-controller';
const NAME = 'kustomize-controller';

const module = import.meta.dirname;
const flags = [
  '-trimpath',
  '-buildvcs=false',
  '-tags=grpcnotrace',
  '-gcflags=all=-dwarf=false',
  '-ldflags=-s -w',
];

/** Flux's kustomize-controller, where it was built before. */
export async function builtFlux(): Promise<string | undefined> {
  const file = join(await folder(), NAME);
  return await access(file).then(
    () => file,
    () => undefined,
  );
}

/** Builds Flux's kustomize-controller from its published modules, unless it is there. */
export async function buildFlux(report: (line: string) => void): Promise<void> {
  const target = await folder();
  await mkdir(join(target, '..'), { recursive: true });
  await alone(
    target,
    async () => {
      if ((await builtFlux()) !== undefined) return;
      report(`Building ${NAME} from its Go modules; this is done once and takes minutes.`);
      const unfinished = `${target}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      const { exitCode, stderr } = await run('go', ['build', ...flags, '-o', `${unfinished}/`, PACKAGE], {
        cwd: module,
        env: { HOME: homedir(), ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
      });
      if (exitCode !== 0) throw new Error(`go build of ${NAME} failed.\n${stderr.slice(-2_000)}`);
      await rename(unfinished, target);
    },
    () => report(`Another process builds ${NAME}; waiting for it.`),
  );
}

/** In the cache, named by everything that goes into the program. */
async function folder(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, flags]));
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, file)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'weka-gitops', 'peers', `${NAME}-${hash.digest('hex').slice(0, 16)}`);
}
