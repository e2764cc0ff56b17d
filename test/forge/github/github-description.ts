import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { alone } from '../../cluster/lock.ts';

/** GitHub’s own description of its API as its client library publishes it, and the digest of that package. */
const PACKAGE = '@octokit/openapi@23.0.2';
const SHA512 = 'pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==';
/** Of 385 MB it is the one file that is kept. */
const MEMBER = 'package/generated/api.github.com.json';

const PATIENCE_MS = 300_000;
const PROGRESS_MS = 10_000;

const run = promisify(execFile);

/** The file with GitHub’s OpenAPI description. It is fetched the first time, and kept. */
export async function githubDescription(report: (line: string) => void = console.error): Promise<string> {
  const cache =
    process.env['WEKA_GITOPS_CACHE'] ||
    join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weka-gitops');
  const file = join(cache, 'github', `${PACKAGE.replaceAll(/[@/]+/g, '-').slice(1)}.json`);
  if (await exists(file)) return file;
  await mkdir(dirname(file), { recursive: true });
  await alone(
    file,
    async () => {
      if (!(await exists(file))) await fetchTo(file, report);
    },
    () => report('Another process fetches the description of GitHub’s API; waiting for it.'),
  );
  return file;
}

async function fetchTo(file: string, report: (line: string) => void): Promise<void> {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  report(`Fetching the description of GitHub’s API (${PACKAGE}, 29 MB); this is done once.`);
  const progress = setInterval(() => report(`Fetching the description: ${seconds()}.`), PROGRESS_MS);
  // Beside the file, so that it can be renamed into its place. The lock is ours, so whoever left one is gone.
  const folder = `${file}.unfinished`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  try {
    const limits = { cwd: folder, timeout: PATIENCE_MS };
    const { stdout } = await run('npm', ['pack', PACKAGE, '--ignore-scripts', '--json'], limits);
    const packed = join(folder, packedName(stdout));
    const digest = createHash('sha512')
      .update(await readFile(packed))
      .digest('base64');
    if (digest !== SHA512) throw new Error(`${PACKAGE} is another package than it was: sha512 ${digest}.`);
    await run('tar', ['-xzf', packed, MEMBER], limits);
    await rename(join(folder, MEMBER), file);
    report(`Fetched the description of GitHub’s API in ${seconds()}.`);
  } finally {
    clearInterval(progress);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Some versions of npm print a list, others an object by name. */
function packedName(stdout: string): string {
  const name = /"filename":\s*"([^"]+)"/.exec(stdout)?.[1];
  if (name === undefined)
    throw new Error(`npm pack does not say what it has packed: ${stdout.slice(0, 300)}`);
  return name;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
