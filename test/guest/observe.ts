import type { NodeReport } from '../../schemas/node-report.ts';
import { until } from '../cluster/until.ts';
import { AGENT } from './agent-guest.ts';
import type { Guest } from './guest.ts';

/** Emulated processors are slow, and slower where others work too. */
export const PATIENT = { timeoutMs: 180_000 };

/** What the agent prints when it is asked in a guest. */
export async function observe(guest: Guest, node: string): Promise<NodeReport> {
  const [file, ...args] = AGENT;
  const options = ['observe', '--node', node, '--output', 'json'];
  const { stdout, stderr, exitCode } = await guest.run(file, [...args, ...options]);
  if (exitCode !== 0 || stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as NodeReport;
}

/** Waits for a report in the cluster. */
export async function firstReport(reported: () => Promise<NodeReport | undefined>): Promise<NodeReport> {
  return await until('there is a report', reported, PATIENT);
}
