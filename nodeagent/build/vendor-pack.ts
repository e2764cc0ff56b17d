import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NoSourceError, VendorPackError } from './errors.ts';
import { type ChildEnd, describeEnd } from './run-child.ts';
import type { KeyHand } from './key-hand.ts';
import type { Signer, SigningKey } from './signing-key.ts';
import { type BuildRun, isWell, ownStep, runStep } from './step.ts';
import { SHARED_WEKA, vendorOptions, vendorVersion, WEKA_DIST } from './vendor-command.ts';
import { withKey } from './with-key.ts';

const DOING = 'running weka driver pack';
const PACKAGE = /^weka-driver-[0-9a-f]+-([0-9a-f]+)\.zip$/;

export interface VendorPack {
  readonly version: string;
  readonly buildId?: string | undefined;
  readonly signing?: KeyHand | undefined;
}

export interface VendorPacked {
  readonly path: string;
  /** Whose key its modules are to be signed with. */
  readonly signed?: Signer;
}

/**
 * Lets the vendor's command build and pack its own drivers. Where it is to sign them, it does all of that with the key in its hands: it
 * has no command that signs alone.
 */
export async function vendorPack(run: BuildRun, asked: VendorPack): Promise<VendorPacked> {
  await expectPack(run);
  const version = await releaseOf(run, asked.version);
  const drivers = join(WEKA_DIST, 'drivers');
  const before = await packagesIn(drivers);
  const verb = asked.signing === undefined ? 'pack' : 'sign';
  const { end, ...signed } = await packOrSign(run, asked, vendorOptions(version, asked.buildId));
  if (!isWell(end)) {
    throw new VendorPackError(`weka driver ${verb} ended with ${describeEnd(end)}.`, {
      hint: 'Look at its last lines: headers of this kernel and its compiler have to be in the pod.',
      lastLines: run.output.lines,
    });
  }
  const lines = [...run.output.lines];
  const after = await packagesIn(drivers);
  const made = [...after].filter(([name, when]) => before.get(name) !== when).map(([name]) => name);
  const signature = await kernelSignature(run, asked.buildId);
  const [only] = made.length === 1 ? made : [];
  // What is told is of the running kernel alone; the package of a build id has another.
  if (only !== undefined && signature === 'untold') return { path: join(drivers, only), ...signed };
  const fitting = (only === undefined ? [...after.keys()] : made).filter(
    (name) => PACKAGE.exec(name)?.[1] === signature,
  );
  if (fitting.length === 1 && fitting[0] !== undefined) return { path: join(drivers, fitting[0]), ...signed };
  if (only !== undefined) {
    throw new VendorPackError(
      `weka driver ${verb} made ${only}, and this kernel’s signature is ${signature}.`,
      {
        hint: 'Install the headers of exactly this kernel, and look at preRunScript; nothing was published.',
        lastLines: lines,
      },
    );
  }
  throw new VendorPackError(
    `weka driver ${verb} ended well, and ${drivers} has ${fitting.length} packages for this kernel.`,
    {
      hint: 'Let the builder have an image of WEKA of its own, and a folder of drivers that nobody else writes to.',
      lastLines: lines,
    },
  );
}

async function packOrSign(
  run: BuildRun,
  { signing }: VendorPack,
  options: readonly string[],
): Promise<{ readonly end: ChildEnd; readonly signed?: Signer }> {
  const pack = async (...verb: readonly string[]) =>
    await runStep(run, DOING, { file: 'weka', args: ['driver', ...verb, ...options] });
  if (signing === undefined) return { end: await pack('pack') };
  const { result, signed } = await withKey(
    run,
    signing,
    async (key) => await pack('sign', await bothInOne(run, key), '--pack'),
  );
  return { end: result, signed };
}

/** Throws where there is no command, or it is one that cannot pack. */
async function expectPack(run: BuildRun): Promise<void> {
  const end = await runStep(run, 'looking for the vendor’s command', {
    file: 'weka',
    args: ['driver', '--help'],
  });
  if (end.how === 'missing') {
    throw new NoSourceError('This image has neither sources of drivers nor the vendor’s command.', {
      hint: 'Use an image of WEKA, or one with sources in /opt/weka/driver-source.',
    });
  }
  if (run.output.lines.some((line) => /\bpack\b/.test(line))) return;
  throw new VendorPackError(
    'The weka command of this image has no `driver pack`, so it is too old to build.',
    {
      hint: 'Use a version of WEKA that has it, or put the sources of its drivers into the image.',
      lastLines: run.output.lines,
    },
  );
}

/** The version as this image has it; it is got from the neighbouring image first, where only that has it. */
async function releaseOf(run: BuildRun, version: string): Promise<string> {
  const own = await vendorVersion(version);
  if (own !== undefined) return own;
  const shared = await vendorVersion(version, join(SHARED_WEKA, 'dist'));
  if (shared === undefined) {
    throw new VendorPackError(`This image has no version ${version} of WEKA in ${WEKA_DIST}/release.`, {
      hint: 'Let the builder use the image of WEKA that the drivers are for.',
    });
  }
  // So the vendor writes it: what follows file:// is a path without its first slash.
  const from = `file:/${SHARED_WEKA}`;
  const args = ['version', 'get', '--driver-only', '--without-agent', '--from', from, shared];
  const end = await runStep(run, 'getting the version', { file: 'weka', args });
  if (isWell(end)) return shared;
  throw new VendorPackError(`weka version get ended with ${describeEnd(end)}.`, {
    hint: 'Let the builder use the image of WEKA that the drivers are for.',
    lastLines: run.output.lines,
  });
}

/** Packages by name, each with what changes when it is written. */
async function packagesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => PACKAGE.test(name)).toSorted();
  const stats = await Promise.all(names.map(async (name) => await stat(join(folder, name))));
  return new Map(
    names.map((name, index) => [name, `${stats[index]?.ino} ${stats[index]?.mtimeMs} ${stats[index]?.size}`]),
  );
}

/**
 * The last word that `weka driver kernel` prints; older versions call it `kernel-sig`. `untold`: of a build id, since this command
 * tells it of no build id.
 */
async function kernelSignature(run: BuildRun, buildId: string | undefined): Promise<string> {
  const asks =
    buildId === undefined ? [['kernel'], ['kernel-sig']] : [['kernel', '--kernel-build-id', buildId]];
  for (const ask of asks) {
    const end = await runStep(run, 'asking for the kernel’s signature', {
      file: 'weka',
      args: ['driver', ...ask],
    });
    const word = run.output.lines.at(-1)?.split(/\s+/).at(-1)?.replaceAll('\\u{0}', '');
    if (isWell(end) && word !== undefined && /^[0-9a-f]+$/.test(word)) return word;
  }
  if (buildId !== undefined) return 'untold';
  throw new VendorPackError(
    'weka driver kernel does not tell the signature of this kernel, by which its package is known.',
    {
      hint: 'Run it by hand in this image, and use a version of WEKA whose command tells it.',
      lastLines: run.output.lines,
    },
  );
}

/** A key and its certificate in one file, which goes with those of the key. */
async function bothInOne(run: BuildRun, { key, secret, certificate }: SigningKey): Promise<string> {
  const path = join(dirname(key), 'signing.pem');
  await ownStep(run, 'signing the modules', async () => {
    await writeFile(path, `${secret.trimEnd()}\n${await readFile(certificate, 'utf8')}`, { mode: 0o600 });
  });
  return path;
}
