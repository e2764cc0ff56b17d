import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { DistSite, Reach } from './dist-site.ts';

const MAIN = fileURLToPath(new URL('../../../nodeagent/main.ts', import.meta.url));

export interface DistProcess extends Reach {
  readonly child: ChildProcess;
  /** Sends a signal; gives the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | string>;
}

/** `weka-nodeagent dist` over a site, as a process of its own; it has begun to serve. */
export async function startDistProcess(
  site: DistSite,
  env: Readonly<Record<string, string>> = {},
): Promise<DistProcess> {
  const args = ['dist', '--folder', site.folder, '--tls', site.tls, '--in-use', site.inUse];
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const { promise: serving, resolve, reject } = Promise.withResolvers<number>();
  const lines = createInterface({ input: child.stderr });
  lines.on('line', (line) => {
    if (!line.startsWith('{')) {
      reject(new Error(line));
      return;
    }
    const { msg, ...fields } = JSON.parse(line) as { readonly msg: string; readonly port?: number };
    site.log.push({ message: msg, fields });
    if (msg === 'Serves packages' && fields.port !== undefined) resolve(fields.port);
  });
  void exited.then(() => reject(new Error('It ended before it served.')));
  return {
    port: await serving,
    ca: site.authority.certificate,
    child,
    async end(signal) {
      child.kill(signal);
      const [code, by] = await exited;
      return code ?? by ?? '';
    },
  };
}
