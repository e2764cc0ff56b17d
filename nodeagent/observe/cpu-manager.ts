import * as z from 'zod';
import { type CpuManager, CpuList } from '../../schemas/node/compute.ts';
import { type Observed, unknown } from '../../schemas/node/observed.ts';

/** As much of kubelet's file as matters here; which pod has which CPUs is not told. */
const State = z.object({ policyName: z.string().min(1).max(32), defaultCpuSet: CpuList });

/** What kubelet's `cpu_manager_state` says. */
export function parseCpuManagerState(text: string): Observed<CpuManager> {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    return unknown("kubelet's cpu_manager_state is no JSON; kubelet may be writing it.");
  }
  const parsed = State.safeParse(state);
  if (!parsed.success)
    return unknown("kubelet's cpu_manager_state is not of the form that this version knows.");
  return { policy: parsed.data.policyName, sharedCpus: parsed.data.defaultCpuSet };
}
