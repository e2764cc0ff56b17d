import { isKnown } from '../../../schemas/node/observed.ts';
import type { OperatingSystem } from '../../../schemas/node-report.ts';
import { type AgentReport, briefOf } from '../nodes/agent-report.ts';
import { driverReport } from '../nodes/driver-report.ts';
import { prose } from '../report/plain.ts';
import type { DriverNode } from './decision.ts';

/** What a build for a node has to fit. */
export interface NodeKernel {
  readonly kernel: string;
  readonly architecture: string;
  /** Undefined where nobody knows. */
  readonly os: Pick<OperatingSystem, 'id' | 'versionId' | 'buildId' | 'version' | 'variantId'> | undefined;
  /** Whether its agent says so. What only the kubelet said once is shown, and nothing is done by it. */
  readonly counts: boolean;
}

/** As `uname -m` has what Kubernetes calls otherwise. */
const MACHINES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** The kernel that a node runs, or why it is not known, in one sentence. */
export function nodeKernel(
  node: DriverNode,
  report: AgentReport | undefined,
): NodeKernel | { readonly why: string } {
  if (report?.state === 'told') {
    const { kernel, os } = driverReport(report).observed;
    if (!isKnown(kernel)) return { why: `The agent cannot tell the kernel: ${prose(kernel.unknown, 200)}` };
    return {
      kernel: kernel.release,
      architecture: kernel.architecture,
      os: isKnown(os) ? os : undefined,
      counts: true,
    };
  }
  // A report that counts no longer may be of another kernel than the one that the node runs by now.
  if (report !== undefined && briefOf(report) !== undefined) return { why: report.why };
  const { kernel, architecture, osImage } = node;
  if (kernel === '' || architecture === '') {
    return { why: report?.why ?? `No agent has reported on ${node.name}.` };
  }
  return {
    kernel,
    architecture: MACHINES[architecture] ?? architecture,
    os: systemOf(osImage),
    counts: false,
  };
}

/** The system that a kubelet names: `Ubuntu 24.04.1 LTS`, `Container-Optimized OS from Google`. */
function systemOf(osImage: string): NodeKernel['os'] {
  const [, versionId] = /^Ubuntu (\d+\.\d+)/.exec(osImage) ?? [];
  if (versionId !== undefined) return { id: 'ubuntu', versionId };
  if (osImage.startsWith('Container-Optimized OS')) return { id: 'cos' };
  return osImage === '' ? undefined : { id: 'other' };
}
