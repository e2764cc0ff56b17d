import type { DriversIntent } from '../../../schemas/node/drivers.ts';
import { comingKernel } from './coming-kernels.ts';
import { orderedPackage } from './pins.ts';
import type { ResolvedCell } from './resolve-cell.ts';
import type { Situation } from './situation.ts';
import type { CellSources } from './sources.ts';

/** The package for a kernel that a node will boot, and where it can be had. */
export type NextPackage = NonNullable<DriversIntent['next']>;

/**
 * The pinned package for the kernel that a node has headers of and has not booted, of the version that it has to have now. What the
 * vendor's command loads is not kept on nodes.
 */
export function nextPackage(
  node: string,
  { cell, want: { service, targets } }: ResolvedCell,
  {
    cells,
    reports,
    sources,
    had,
  }: Pick<Situation, 'reports'> & {
    readonly cells: readonly ResolvedCell[];
    readonly sources: CellSources;
    /** What it was asked to keep before. */
    readonly had: NextPackage | undefined;
  },
): NextPackage | undefined {
  const report = reports.get(node);
  const kernel = report && comingKernel(report.observed);
  if (kernel === undefined) return undefined;
  const [{ version, architecture }] = targets;
  const next = cells.find(({ want, pinned, isInDoubt }) => {
    const [target] = want.targets;
    return (
      (pinned?.package.layout === 'modules' || isInDoubt === true) &&
      want.service?.key === service?.key &&
      target.kernel === kernel &&
      target.version === version &&
      target.architecture === architecture
    );
  });
  // Which one it shall be, a person has to say.
  if (next?.isInDoubt === true) return had?.package.kernel === kernel ? had : undefined;
  if (next?.pinned === undefined || cell.package?.layout !== 'modules') return undefined;
  const from = sources.of(next);
  return 'why' in from ? undefined : { package: orderedPackage(next.pinned.package), from: [...from] };
}
