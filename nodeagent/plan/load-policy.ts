import { isKnown } from '../../schemas/node/observed.ts';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import { type DriverFacts, kernelName } from './driver-facts.ts';
import type { Fault } from './fault.ts';
import { neededOfKernel } from './load-order.ts';
import type { PackageModule } from './package-module.ts';

/** Container-Optimized OS has no uio, and WEKA does without these modules there. */
const COS = 'cos';
const UIO_MODULES = new Set(['igb_uio', 'uio_pci_generic']);

/** The modules of a package that this node is to have. */
export function modulesFor(facts: DriverFacts, modules: readonly PackageModule[]): readonly PackageModule[] {
  if (!isKnown(facts.os) || facts.os !== COS) return modules;
  return modules.filter(
    ({ name, depends }) =>
      !UIO_MODULES.has(name) ||
      depends.every((each) => facts.kernelParts.get(kernelName(each))?.state !== 'absent'),
  );
}

/**
 * Why the kernel would not take the modules, found before any of them is loaded and, above all, before any other is unloaded.
 * `mustReplace`: whether something loaded has to go first, so that nothing may be left to chance.
 */
export function whyRefused(
  wanted: DriverPackage,
  modules: readonly PackageModule[],
  facts: DriverFacts,
  mustReplace: boolean,
): Fault | undefined {
  if (facts.moduleLoading === 'disabled') {
    return refused('LOADING_DISABLED', 'The kernel loads no more modules until the node is booted again.', {
      hint: 'Reboot the node, and find what sets kernel.modules_disabled.',
    });
  }
  for (const module of modules) {
    const fault = whyUnfit(wanted, module, facts) ?? whyUnsigned(module, facts, mustReplace);
    if (fault !== undefined) return fault;
  }
  for (const name of neededOfKernel(modules)) {
    const part = facts.kernelParts.get(name);
    const module = modules.find(({ depends }) => depends.some((each) => kernelName(each) === name))?.name;
    const about = module === undefined ? {} : { module };
    if (part === undefined || part.state === 'absent') {
      return refused(
        'NO_DEPENDENCY',
        `Module ${module ?? ''} needs ${name}, which the kernel of this node does not have.`,
        {
          ...about,
          hint: `Install the package of the node's distribution that has ${name} for this kernel, such as linux-modules-extra.`,
        },
      );
    }
    if (part.state === 'unknown') {
      return {
        state: 'failed',
        code: 'UNKNOWN',
        message: `It is not known whether the node has ${name}. ${part.reason}`,
        ...about,
      };
    }
  }
  return undefined;
}

function whyUnfit(
  wanted: DriverPackage,
  module: PackageModule,
  { vermagic }: DriverFacts,
): Fault | undefined {
  const { name } = module;
  if (module.architecture !== wanted.architecture) {
    return refused(
      'ARCHITECTURE',
      `Module ${name} is for ${module.architecture}, and the package says ${wanted.architecture}.`,
      {
        module: name,
        hint: REBUILD,
      },
    );
  }
  const release = module.vermagic.split(' ')[0] ?? '';
  const isForKernel = release === wanted.kernel;
  if (isForKernel && (vermagic === undefined || isSameMagic(module.vermagic, vermagic))) return undefined;
  const other = isForKernel
    ? `by '${module.vermagic}', and this kernel is '${vermagic ?? ''}'`
    : `for kernel ${release}, and the package says ${wanted.kernel}`;
  return refused('VERMAGIC', `Module ${name} was built ${other}.`, { module: name, hint: REBUILD });
}

const REBUILD =
  'Build the package again on a node with this kernel and its headers, and accept the new digest.';

/** The kernel ignores the space at the end. */
function isSameMagic(one: string, other: string): boolean {
  return one.trim() === other.trim();
}

function whyUnsigned(
  { name, isSigned }: PackageModule,
  { signedOnly, os }: DriverFacts,
  mustReplace: boolean,
): Fault | undefined {
  if (isSigned || signedOnly === 'no') return undefined;
  if (!isKnown(signedOnly)) {
    // Where nothing has to go first, the kernel may be asked by trying.
    if (!mustReplace) return undefined;
    return {
      state: 'failed',
      code: 'UNKNOWN',
      message: `Module ${name} is not signed, and it is not known whether the kernel takes it. ${signedOnly.unknown}`,
      module: name,
    };
  }
  return refused('UNSIGNED', `Module ${name} is not signed, and this kernel loads signed modules only.`, {
    module: name,
    hint:
      isKnown(os) && os === COS
        ? 'Use a node pool whose image loads modules of others: Container-Optimized OS on plain GKE nodes takes only those that Google signed, and the kernel line of a node is not changed from here.'
        : 'Have the builder sign modules with a key that the node trusts (additionalSecrets: module-signing), or allow unsigned ones on the node.',
  });
}

function refused(code: Fault['code'], message: string, more: { hint: string; module?: string }): Fault {
  return { state: 'refused', code, message, ...more };
}
