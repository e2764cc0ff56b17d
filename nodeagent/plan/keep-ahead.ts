import type { DriversReport, DriversIntent } from '../../schemas/node/drivers.ts';
import { havePackage } from './have-package.ts';
import type { DriverInput, Running, Way } from './way.ts';
import { fits } from './way.ts';

type Next = NonNullable<DriversIntent['next']>;

/** What is to be loaded once the node has booted the kernel that it will: it runs by now. */
export function nextFor({ next }: DriversIntent, kernel: Running['kernel']): Next | undefined {
  return next !== undefined && fits(next.package, { kernel }) ? next : undefined;
}

/** What is next to have the package for a kernel that the node will boot, where there is nothing else to do. */
export function keptAhead(input: DriverInput): Way {
  const next = input.state.wanted?.next;
  // What the vendor's command loads, it downloads itself.
  if (next?.package.layout !== 'modules' || input.cache.has(next.package.sha256)) return {};
  return havePackage(input, next, `the node will need it when it boots ${next.package.kernel}`);
}

/** A report with what keeps that package from coming: what is loaded stays so, and whatever else is amiss matters more. */
export function withAhead(report: DriversReport | undefined, { hold }: Way): DriversReport | undefined {
  if (hold === undefined || report?.state !== 'loaded' || report.code !== undefined) return report;
  const { code, message, hint } = hold;
  return { ...report, code, message, ...(hint === undefined ? {} : { hint }) };
}
