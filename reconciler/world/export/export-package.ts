import type { ExportedPackage } from '../../../schemas/output/drivers-export.ts';
import type { PinnedFile } from '../../core/export/pinned-files.ts';
import { firstFew } from '../../core/lint/facts/shortages.ts';
import type { MirrorFolder } from './mirror-folder.ts';
import { openSource, type Reach, sourceName } from './open-source.ts';
import { type Fault, PackageFault } from './package-fault.ts';

/** Brings a package into a folder from the first of its sources that has it. That it could not be had is an outcome. */
export async function exportPackage(
  { package: about, services, sources, others = [] }: PinnedFile,
  folder: MirrorFolder,
  reach: Reach,
): Promise<ExportedPackage> {
  const base = { ...about, services: [...services] };
  if (others.length > 0) {
    return {
      ...base,
      result: 'failed',
      why: `${about.file} is pinned with other bytes for ${firstFew(others, (each) => each)}, and a folder has room for one of a name.`,
      hint: 'Export what is pinned for one service at a time by --service, each into a folder of its own.',
    };
  }
  const faults: Fault[] = [];
  try {
    if (await folder.has(about)) return { ...base, result: 'there' };
    for (const source of sources) {
      const from = sourceName(source);
      try {
        await folder.write(
          about,
          from,
          async (signal) => await openSource(source, about.file, reach, signal),
        );
        return { ...base, result: 'written', from };
      } catch (error) {
        if (!(error instanceof PackageFault)) throw error;
        faults.push(error.fault);
      }
    }
  } catch (error) {
    if (!(error instanceof PackageFault)) throw error;
    faults.push(error.fault);
  }
  return { ...base, result: 'failed', ...mostTelling(faults) };
}

/** That a package is missing is said only where all sources say so. */
function mostTelling(faults: readonly Fault[]): Fault {
  const told = faults.find(({ code }) => code !== 'PACKAGE_MISSING') ?? faults[0];
  if (told !== undefined) return told;
  return {
    code: 'PACKAGE_MISSING',
    why: 'Nothing says where it can be had.',
    hint: 'Give an address that has it by --from.',
  };
}
