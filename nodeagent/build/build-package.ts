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
import { type LastLines, secretBodies } from './last-lines.ts';
import { expectKernelOf, moduleFiles } from './module-files.ts';
import { type Measured, measureFile, packModules } from './pack-modules.ts';
import { preRun } from './pre-run.ts';
import type { BuildSettings } from './settings.ts';
import { signModules } from './sign-modules.ts';
import { type SigningKey, withKeyFiles } from './signing-key.ts';
import { type BuildRun, ownStep } from './step.ts';
import { readVendorModules } from './vendor-modules.ts';
import { vendorPack } from './vendor-pack.ts';

/** A package on the disk of the builder. */
export interface BuiltPackage {
  readonly path: string;
  readonly package: DriverPackage;
  /** With what its modules are signed. */
  readonly signed?: Pick<SigningKey, 'fingerprint' | 'isRepeatable'>;
  /** Why its modules could not be looked at; absent where they were. */
  readonly unseen?: string;
}

export interface BuildContext {
  readonly kernel: RunningKernel;
  /** What gives the key that modules are signed with, once no script of a manifest runs any more; undefined where they are not. */
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
    const text = signing && (await ownStep(run, 'getting the key', async () => await signing.give()));
    output.hide(text === undefined ? [] : secretBodies(text.secret));
    const source = await ownStep(
      run,
      'looking for the sources',
      async () => await findSource(settings.source),
    );
    if (source === undefined && kernel.isComing === true) throw new RunningKernelOnlyError(kernel.release);
    const make = async (key: SigningKey | undefined): Promise<BuiltPackage> => {
      const built =
        source === undefined
          ? await ofVendor(run, { folder, target, kernel, key })
          : await ofSource(run, { folder, source, target, kernel, key, settings });
      return key === undefined ? built : { ...built, signed: key };
    };
    const built = text === undefined ? await make(undefined) : await withKeyFiles(text, make);
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
  readonly key: SigningKey | undefined;
}

async function ofSource(
  run: BuildRun,
  {
    folder,
    source,
    target,
    kernel,
    key,
    settings: { version, extraBuildArgs },
  }: Asked & {
    readonly source: string;
    readonly settings: BuildSettings;
  },
): Promise<BuiltPackage> {
  const headers = await ownStep(run, 'looking at the headers', async () => await findHeaders(kernel));
  const paths = await kbuild(run, { folder, source, headers, version, extraBuildArgs });
  await stripModules(run, paths);
  const modules = await ownStep(run, 'reading the modules', async () => await readModules(paths));
  const names = moduleFiles(modules, { version, kernel });
  if (key !== undefined) await signModules(run, paths, { key, headers });
  const members = paths.flatMap((path, index) =>
    names[index] === undefined ? [] : [{ name: names[index], path }],
  );
  const file = modulesFile(target);
  const path = join(folder, file);
  const measured = await ownStep(run, 'packing', async (signal) => await packModules(members, path, signal));
  return { path, package: { ...target, file, ...measured, layout: 'modules' } };
}

async function ofVendor(run: BuildRun, { folder, target, kernel, key }: Asked): Promise<BuiltPackage> {
  const path = await vendorPack(run, { folder, version: target.version, buildId: target.buildId, key });
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
    if ('why' in seen) return { path, package: parsed.data, unseen: seen.why };
    for (const module of seen.modules) expectModule(module, kernel, key !== undefined);
    return { path, package: parsed.data };
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
