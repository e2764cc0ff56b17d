import { machine } from 'node:os';
import { readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeSystem } from './build-id.ts';
import { NoHeadersError, WrongKernelError } from './errors.ts';
import type { BuildSettings } from './settings.ts';

/** The kernel that drivers are built for: the one that this node runs. */
export interface RunningKernel {
  /** As `uname -r` prints it. */
  readonly release: string;
  readonly architecture: string;
  /** Set where the node does not run it yet, and has only its headers. */
  readonly isComing?: true;
}

/** Headers to build modules with. */
export interface Headers {
  readonly folder: string;
  /** Program that signs modules; undefined where the headers come without it. */
  readonly signFile: string | undefined;
  /** Name of the digest that this kernel signs modules with. */
  readonly signatureHash: string;
}

export async function runningKernel(): Promise<RunningKernel> {
  const release = (await readFile('/proc/sys/kernel/osrelease', 'utf8')).trim();
  return { release, architecture: machine() };
}

/** The kernel to build for: the one that runs, unless the pod was made for one that its node has not booted yet. */
export function kernelFor(
  running: RunningKernel,
  { expectedKernel, isAhead }: Pick<BuildSettings, 'expectedKernel' | 'isAhead'>,
): RunningKernel {
  return isAhead === true && expectedKernel !== undefined && expectedKernel !== running.release
    ? { ...running, release: expectedKernel, isComing: true }
    : running;
}

/** `this node runs 6.8.0-45-generic`. */
export function kernelWords({ release, isComing }: RunningKernel): string {
  return isComing === true ? `the build is for ${release}` : `this node runs ${release}`;
}

/** Throws where the pod was made for another kernel. */
export function expectKernel({ release }: RunningKernel, expected: string | undefined): void {
  if (expected === undefined || expected === release) return;
  throw new WrongKernelError(`The builder is for kernel ${expected}, and its node runs ${release}.`, {
    hint: 'Nothing has to be done where the node was upgraded: the next pass makes a builder for its new kernel.',
  });
}

/** Where a folder of headers has what is asked of it before anything is compiled. */
const PARTS = ['Makefile', 'include/generated/autoconf.h', 'scripts'];

/** The headers of the kernel, once they are seen to be whole and of exactly this release. */
export async function findHeaders(kernel: RunningKernel): Promise<Headers> {
  const { release } = kernel;
  const link = `/lib/modules/${release}/build`;
  const folder = await realpath(link).catch(() => undefined);
  if (folder === undefined) throw await noHeaders(link, release);
  for (const part of PARTS) {
    const path = join(folder, part);
    if (!(await isThere(path))) throw await noHeaders(path, release);
  }
  const built = await releaseOf(folder);
  if (built !== release) {
    throw new WrongKernelError(
      `The headers at ${link} are of ${built ?? 'no release that they tell'}, and ${kernelWords(kernel)}.`,
      { hint: `Install the headers of exactly ${release} on this node.` },
    );
  }
  const signFile = join(folder, 'scripts/sign-file');
  return {
    folder,
    signFile: (await isThere(signFile)) ? signFile : undefined,
    signatureHash: await signatureHash(folder),
  };
}

/** What the headers say that they are of. */
async function releaseOf(folder: string): Promise<string | undefined> {
  const generated = await textOf(join(folder, 'include/generated/utsrelease.h'));
  const [, release] = /UTS_RELEASE "([^"]+)"/.exec(generated) ?? [];
  if (release !== undefined) return release;
  const plain = (await textOf(join(folder, 'include/config/kernel.release'))).trim();
  return plain === '' ? undefined : plain;
}

async function signatureHash(folder: string): Promise<string> {
  const configured = await textOf(join(folder, 'include/config/auto.conf'));
  const [, hash] = /^CONFIG_MODULE_SIG_HASH="([a-z0-9-]+)"$/m.exec(configured) ?? [];
  return hash ?? 'sha256';
}

async function noHeaders(path: string, release: string): Promise<NoHeadersError> {
  return new NoHeadersError(await whyMissing(path, release), release, await nodeSystem());
}

/** Says by name what is not there: a link may lead to a folder of the node that the pod does not have. */
async function whyMissing(path: string, release: string): Promise<string> {
  const target = await readlink(path).catch(() => undefined);
  const leads = target === undefined ? '' : `, which leads to ${target}, and that is not in this pod`;
  return `There are no whole headers of kernel ${release}: ${path}${leads === '' ? ' is missing' : leads}.`;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}
