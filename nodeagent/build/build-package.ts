import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DriverPackage, modulesFile } from '../../schemas/drivers/package.ts';
import type { DriverTarget } from '../../schemas/drivers/target.ts';
import type { PackageModule } from '../plan/package-module.ts';
import { readModules } from './read-modules.ts';
import { findBuildId } from './build-id.ts';
import { RunningKernelOnlyError, SignError, VendorPackError } from './errors.ts';
import { findSource, kbuild, stripModules } from './kbuild.ts';
import { expectKernel, findHeaders, type RunningKernel } from './kernel.ts';
import type { KeyHand } from './key-hand.ts';
import type { LastLines } from './last-lines.ts';
import { expectKernelOf, moduleFiles } from './module-files.ts';
import { type Measured, measureFile, packModules } from './pack-modules.ts';
import { preRun } from './pre-run.ts';
import type { BuildSettings } from './settings.ts';
import { expectSignFile, signModules } from './sign-modules.ts';
import type { Signer } from './signing-key.ts';
import { type BuildRun, ownStep } from './step.ts';
import { readVendorModules } from './vendor-modules.ts';
import { vendorPack } from './vendor-pack.ts';
import { withKey } from './with-key.ts';

/** A package on the disk of the builder. */
export interface BuiltPackage {
  readonly path: string;
  readonly package: DriverPackage;
  /** With what its modules are signed. */
  readonly signed?: Signer;
  /** Why its modules could not be looked at; absent where they were. */
  readonly unseen?: string;
}

export interface BuildContext {
  readonly kernel: RunningKernel;
  /** What gives the key that modules are signed with, once all that can be made without it is made; undefined where they are not. */
  readonly signing: KeyHand | undefined;
  readonly output: LastLines;
  readonly stop: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /** Is told that a step was left which did not end. */
  readonly left: () => void;
}

/** What the drivers of this pod are for. */
export async function buildTarget(
  { version, buildId }: BuildSettings,
  { release, architecture }: RunningKernel,
): Promise<DriverTarget> {
  const found = buildId ?? (await findBuildId());
  return { version, kernel: release, architecture, ...(found === undefined ? {} : { buildId: found }) };
}

/**
 * Builds a package of drivers for the kernel of this node, hands it to `use`, and removes what the build left on the disk. All of the
 * build, but not what `use` does, has to end within the settings' time.
 */
export async function withBuiltPackage<Result>(
  settings: BuildSettings,
  target: DriverTarget,
  { kernel, signing, output, stop, env, left }: BuildContext,
  use: (built: BuiltPackage) => Promise<Result>,
): Promise<Result> {
  const { timeoutMs, preRunScript } = settings;
  expectKernel(kernel, settings.expectedKernel);
  const deadline = new AbortController();
  let isLeft = false;
  const run: BuildRun = {
    output,
    timeoutMs,
    stop,
    deadline: deadline.signal,
    env,
    left: () => {
      isLeft = true;
      left();
    },
  };
  const folder = await ownStep(
    run,
    'beginning',
    async () => await mkdtemp(join(tmpdir(), 'weka-gitops-build-')),
  );
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    if (preRunScript !== undefined) await preRun(run, folder, preRunScript);
    const source = await ownStep(
      run,
      'looking for the sources',
      async () => await findSource(settings.source),
    );
    if (source === undefined && kernel.isComing === true) throw new RunningKernelOnlyError(kernel.release);
    const built =
      source === undefined
        ? await ofVendor(run, { folder, target, kernel, signing })
        : await ofSource(run, { folder, source, target, kernel, signing, settings });
    clearTimeout(timer);
    return await use(built);
  } finally {
    clearTimeout(timer);
    // A disk that does not answer would not answer this either.
    if (!isLeft) await rm(folder, { recursive: true, force: true });
  }
}

interface Asked {
  readonly folder: string;
  readonly target: DriverTarget;
  readonly kernel: RunningKernel;
  readonly signing: KeyHand | undefined;
}

async function ofSource(
  run: BuildRun,
  {
    folder,
    source,
    target,
    kernel,
    signing,
    settings: { version, extraBuildArgs },
  }: Asked & {
    readonly source: string;
    readonly settings: BuildSettings;
  },
): Promise<BuiltPackage> {
  const headers = await ownStep(run, 'looking at the headers', async () => await findHeaders(kernel));
  if (signing !== undefined) expectSignFile(headers);
  const paths = await kbuild(run, { folder, source, headers, version, extraBuildArgs });
  await stripModules(run, paths);
  const modules = await ownStep(run, 'reading the modules', async () => await readModules(paths));
  const names = moduleFiles(modules, { version, kernel });
  const signed =
    signing && (await withKey(run, signing, async (key) => await signModules(run, paths, { key, headers })));
  const members = paths.flatMap((path, index) =>
    names[index] === undefined ? [] : [{ name: names[index], path }],
  );
  const file = modulesFile(target);
  const path = join(folder, file);
  const measured = await ownStep(run, 'packing', async (signal) => await packModules(members, path, signal));
  return { path, package: { ...target, file, ...measured, layout: 'modules' }, ...signedBy(signed) };
}

function signedBy(by: { readonly signed: Signer } | undefined): Pick<BuiltPackage, 'signed'> {
  return by === undefined ? {} : { signed: by.signed };
}

async function ofVendor(run: BuildRun, { folder, target, kernel, signing }: Asked): Promise<BuiltPackage> {
  const { version, buildId } = target;
  const { path, ...signed } = await vendorPack(run, { version, buildId, signing });
  const measured: Measured = await ownStep(
    run,
    'reading the package',
    async (signal) => await measureFile(path, signal),
  );
  const parsed = DriverPackage.safeParse({ ...target, file: basename(path), ...measured, layout: 'vendor' });
  if (parsed.success) {
    const seen = await ownStep(
      run,
      'reading the modules',
      async (signal) => await readVendorModules(path, folder, signal),
    );
    if ('why' in seen) {
      if (signing === undefined) return { path, package: parsed.data, unseen: seen.why };
      throw new SignError(`It cannot be told whether weka driver sign signed the modules: ${seen.why}.`, {
        hint: 'Use a version of WEKA whose packages are .zip files of modules, or take module-signing out of the manifest; nothing was published.',
      });
    }
    for (const module of seen.modules) expectModule(module, kernel, signing !== undefined);
    return { path, package: parsed.data, ...signed };
  }
  throw new VendorPackError(
    `weka driver pack made ${basename(path)}, ${measured.bytes} bytes, which is no package.`,
    {
      hint: 'Try the build by hand in this image, and look at what it makes in /opt/weka/dist/drivers.',
    },
  );
}

/** Throws where a module of the vendor's is of another kernel, or was to be signed and is not. */
function expectModule(module: PackageModule, kernel: RunningKernel, isToBeSigned: boolean): void {
  expectKernelOf(module, kernel);
  if (!isToBeSigned || module.isSigned) return;
  throw new SignError(`weka driver sign ended well, and its ${module.name} is not signed.`, {
    hint: 'Look at the last lines of the log, and use a version of WEKA whose command signs; nothing was published.',
  });
}
