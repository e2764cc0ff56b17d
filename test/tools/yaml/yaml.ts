import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { alone } from '../../cluster/lock.ts';
import { run } from '../../cluster/run.ts';

/** What Kubernetes makes of one document. */
export interface Reading {
  /** Its value, unless it is refused. */
  readonly value?: unknown;
  /** Why strict field validation refuses it, where the API server would otherwise pass over a fault. */
  readonly strict?: string;
  /** Why it is refused. */
  readonly error?: string;
}

const module = import.meta.dirname;
const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w'];

/** What the real `sigs.k8s.io/yaml` makes of each text, split into documents as kubectl splits it. */
export async function kubernetesReadings(texts: readonly string[]): Promise<readonly (readonly Reading[])[]> {
  const { stdout, stderr, exitCode } = await run(await program(), [], { input: JSON.stringify(texts) });
  if (exitCode !== 0) throw new Error(`The parser failed.\n${stderr.slice(0, 2000)}`);
  return JSON.parse(stdout) as readonly (readonly Reading[])[];
}

/** The program here; it is built the first time, and kept. */
async function program(): Promise<string> {
  const file = await cached();
  await mkdir(dirname(file), { recursive: true });
  await alone(
    file,
    async () => {
      if (await exists(file)) return;
      const unfinished = `${file}.unfinished`;
      const env = { HOME: homedir(), ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
      const args = ['build', ...flags, '-o', unfinished, '.'];
      const { exitCode, stderr } = await run('go', args, { cwd: module, env });
      if (exitCode !== 0) throw new Error(`go build of the YAML parser failed.\n${stderr.slice(-2000)}`);
      await rename(unfinished, file);
    },
    () => {},
  );
  return file;
}

/** In the cache, named by everything that goes into the program. */
async function cached(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, flags]));
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(await readFile(join(module, file)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'weka-gitops', 'tools', `yaml-${hash.digest('hex').slice(0, 16)}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
