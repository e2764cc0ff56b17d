import { cp, mkdir, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { CompileError, NoSourceError } from './errors.ts';
import type { Headers } from './kernel.ts';
import { describeEnd } from './run-child.ts';
import { type BuildRun, isWell, ownStep, runStep } from './step.ts';

/** Where the sources of drivers are in an image that has them. */
export const SOURCE = '/opt/weka/driver-source';

/** What a build leaves is no source: taken along, it would be of another kernel. */
const LEFT = /(\.(ko|o|mod|mod\.c|cmd|a)|^Module\.symvers|^modules\.order)$/;

/** Stands in what is built for the folder that it was built in. */
const PATH_IN_MODULES = '/weka-drivers';

/** The same whenever and wherever it is built; a compiler that is asked for the date gets this one. */
const REPRODUCIBLE = {
  KBUILD_BUILD_TIMESTAMP: '1970-01-01 00:00:00 UTC',
  KBUILD_BUILD_USER: 'weka-gitops',
  KBUILD_BUILD_HOST: 'weka-gitops',
  SOURCE_DATE_EPOCH: '0',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** The folder of sources to build, undefined where this image has none; `asked`: the one that the pod was told. */
export async function findSource(asked: string | undefined): Promise<string | undefined> {
  const folder = asked ?? SOURCE;
  const names = await readdir(folder).catch((): string[] => []);
  if (names.includes('Kbuild') || names.includes('Makefile')) return folder;
  if (asked === undefined) return undefined;
  throw new NoSourceError(
    `There are no sources of drivers at ${folder}: it has neither Kbuild nor Makefile.`,
    {
      hint: 'Set DRIVER_SOURCE to the folder of a tree that the kernel’s build takes, or unset it to use the vendor’s own.',
    },
  );
}

/** Builds every module of a source tree in a copy of it below `folder`, and gives their paths. */
export async function kbuild(
  run: BuildRun,
  { folder, source, headers, version, extraBuildArgs }: Kbuild,
): Promise<readonly string[]> {
  const work = join(folder, 'modules');
  await ownStep(run, 'copying the sources', async (signal) => {
    await mkdir(work);
    await cp(source, work, {
      recursive: true,
      // A volume of a ConfigMap is all links.
      dereference: true,
      filter: (path) => {
        signal.throwIfAborted();
        return path === source || isSource(basename(path));
      },
    });
  });
  const end = await runStep(run, 'compiling', {
    file: 'make',
    args: [
      '-C',
      headers.folder,
      `-j${availableParallelism()}`,
      ...makeArguments(work, version, extraBuildArgs),
    ],
    cwd: work,
    env: REPRODUCIBLE,
  });
  if (end.how === 'missing') throw noProgram('make');
  if (!isWell(end)) {
    const { firstError, lines } = run.output;
    throw new CompileError(
      firstError === undefined
        ? `The drivers could not be compiled: make ended with ${describeEnd(end)}.`
        : `The drivers could not be compiled: ${firstError.replace(`${work}/`, '').slice(0, 300)}`,
      {
        hint: 'Correct extraBuildArgs or the sources by the last lines; an uncommon kernel may need another builder image.',
        lastLines: lines.map((line) => line.replaceAll(`${work}/`, '')),
      },
    );
  }
  const modules = (await readdir(work, { recursive: true }))
    .filter((name) => name.endsWith('.ko'))
    .toSorted();
  if (modules.length === 0) {
    throw new CompileError(`The sources at ${source} were built, and gave no module.`, {
      hint: 'Name the modules in obj-m of their Kbuild.',
      lastLines: run.output.lines,
    });
  }
  return modules.map((name) => join(work, name));
}

export interface Kbuild {
  /** An empty folder; what is built does not depend on where it is. */
  readonly folder: string;
  readonly source: string;
  readonly headers: Headers;
  readonly version: string;
  readonly extraBuildArgs: readonly string[];
}

/** Arguments of make: of a variable that is given twice the last counts, so ours come last, and flags are put together. */
export function makeArguments(
  work: string,
  version: string,
  extraBuildArgs: readonly string[],
): readonly string[] {
  const isFlags = (argument: string) => argument.startsWith('KCFLAGS=');
  const flags = extraBuildArgs.filter(isFlags).map((argument) => argument.slice('KCFLAGS='.length));
  return [
    ...extraBuildArgs.filter((argument) => !isFlags(argument)),
    `WEKA_VERSION=${version}`,
    `KCFLAGS=${[...flags, `-ffile-prefix-map=${work}=${PATH_IN_MODULES}`].join(' ')}`,
    `M=${work}`,
    'modules',
  ];
}

/** Takes out of modules what is only for debuggers, so that packages are small. */
export async function stripModules(run: BuildRun, paths: readonly string[]): Promise<void> {
  const end = await runStep(run, 'stripping the modules', {
    file: 'strip',
    args: ['--strip-debug', ...paths],
  });
  if (end.how === 'missing') throw noProgram('strip');
  if (isWell(end)) return;
  throw new CompileError(`The modules could not be stripped: strip ended with ${describeEnd(end)}.`, {
    lastLines: run.output.lines,
  });
}

function isSource(name: string): boolean {
  return !LEFT.test(name) && !name.startsWith('..') && name !== '.git';
}

function noProgram(name: string): CompileError {
  return new CompileError(`The drivers cannot be compiled, since this image has no ${name}.`, {
    hint: 'Use an image with the compiler of this kernel: set builderImageOverride of the policy, or image of the builder.',
  });
}
