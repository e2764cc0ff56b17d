import type { Toolchain } from '../../../schemas/settings.ts';
import { knownKernel, type Situation } from './situation.ts';

/** What the settings name to build with on a node; undefined where they name nothing for its system, or that is not known. */
export function toolchainFor(
  { input, kernels }: Pick<Situation, 'input' | 'kernels'>,
  node: string,
): Pick<Toolchain, 'image' | 'headersImage'> | undefined {
  const os = knownKernel({ kernels }, node)?.os;
  if (os === undefined) return undefined;
  const isCoreOs = os.id === 'rhcos' || (os.id === 'rhel' && os.variantId === 'coreos');
  const [id, version] = isCoreOs ? ['rhcos', os.version] : [os.id, os.versionId];
  const found = input.settings.drivers.toolchains.find(
    (each) => each.os === id && (each.version === undefined || (version ?? '').startsWith(each.version)),
  );
  if (found === undefined) return undefined;
  const { image, headersImage } = found;
  return {
    ...(image === undefined ? {} : { image }),
    ...(headersImage === undefined ? {} : { headersImage }),
  };
}
