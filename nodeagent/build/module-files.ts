import { CompileError, WrongKernelError } from './errors.ts';
import { kernelWords, type RunningKernel } from './kernel.ts';
import type { BuiltModule } from './read-modules.ts';

/**
 * Names of files in a package, in the order of `modules` (weka-operator §3.2): `weka_driver-wekafsio-VERSION-RELEASE.ARCH.ko` for what
 * is versioned with WEKA, `mpin_user-1.0.1-RELEASE.ARCH.ko` for the others. Throws where a module is of another kernel.
 */
export function moduleFiles(
  modules: readonly BuiltModule[],
  { version, kernel }: { readonly version: string; readonly kernel: RunningKernel },
): readonly string[] {
  const names = new Set<string>();
  return modules.map((module) => {
    expectKernelOf(module, kernel);
    if (names.has(module.name)) {
      throw new CompileError(`The sources give two modules of the name ${module.name}.`, {
        hint: 'Name each module once in obj-m of the Kbuild files.',
      });
    }
    names.add(module.name);
    const isOfWeka = module.name.startsWith('wekafs');
    const stem = isOfWeka ? `weka_driver-${module.name}` : module.name;
    const own = isOfWeka ? version : (word(module.version) ?? version);
    return `${stem}-${own}-${kernel.release}.${kernel.architecture}.ko`;
  });
}

/** Throws where a module is of another kernel. */
export function expectKernelOf(
  { name, vermagic, architecture }: Pick<BuiltModule, 'name' | 'vermagic' | 'architecture'>,
  kernel: RunningKernel,
): void {
  const [release] = vermagic.split(' ');
  if (release === kernel.release && architecture === kernel.architecture) return;
  throw new WrongKernelError(
    `The build gave ${name} for kernel ${release ?? ''} ${architecture}, and ${kernelWords(kernel)} ${kernel.architecture}.`,
    {
      hint: 'Install the headers of exactly this kernel, and look at extraBuildArgs; nothing was published.',
    },
  );
}

/** As much of a module's version as may stand in a name of a file. */
function word(version: string | undefined): string | undefined {
  const text = version?.replaceAll(/[^A-Za-z0-9._+~-]/g, '-').slice(0, 32);
  return text === '' ? undefined : text;
}
