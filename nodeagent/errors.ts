import { ReconcilerError } from '../reconciler/errors.ts';
import type { NodeReport } from '../schemas/node-report.ts';

/** The command line asks for something that there is not. */
export class UsageError extends ReconcilerError {
  readonly code = 'USAGE';
  readonly retry = 'after-change';
}

export class NoHostError extends ReconcilerError {
  readonly code = 'NO_HOST';
  readonly retry = 'after-change';

  constructor(root: string) {
    super(`There is no host below ${JSON.stringify(root)}: it has no folder proc.`, {
      hint: 'Give --root the folder where the root of the host is mounted, with its proc and sys.',
    });
  }
}

export class NodeNameError extends ReconcilerError {
  readonly code = 'NODE_NAME';
  readonly retry = 'after-change';

  constructor(reason: string) {
    super(`The name of the node is not known. ${reason}`, {
      hint: 'Set --node to the name that kubectl shows.',
    });
  }
}

/** Probes cannot be answered where they are to be. */
export class ProbeAddressError extends ReconcilerError {
  readonly code = 'LISTEN';
  readonly retry = 'after-change';

  constructor(address: string, reason: string) {
    const why = reason === 'EADDRINUSE' ? 'another process listens there' : reason;
    super(`Probes cannot be answered at ${address}: ${why}.`, {
      hint: 'Give each agent of a node an address of its own: by installation.agentProbePort where two installations share a cluster, by --listen elsewhere.',
    });
  }
}

export class ReportTooLargeError extends ReconcilerError {
  readonly code = 'REPORT_TOO_LARGE';
  readonly retry = 'after-change';
  /** The largest part. */
  readonly field: string;

  /** `size`: how much it has, and how much is taken. */
  constructor(report: NodeReport, size: string) {
    const [field, kiB] = largest(report);
    super(`The report of node ${report.node} has ${size}.`, {
      hint: `Reduce ${field} on the node, which is the largest part with ${kiB} KiB before packing.`,
    });
    this.field = field;
  }
}

/** The report in the cluster is by somebody else than this agent. */
export class ReportTakenError extends ReconcilerError {
  readonly code = 'REPORT_TAKEN';
  readonly retry = 'next-pass';

  constructor(node: string, retryAfterMs: number) {
    super(`Another agent writes the report of node ${node} too, and says otherwise.`, {
      hint: 'Let one agent run on each node: look for a second DaemonSet, and for one that was started by hand.',
      retryAfterMs,
    });
  }
}

function largest({ observed }: NodeReport): readonly [string, number] {
  const sizes = Object.entries(observed).map(
    ([field, value]) => [field, JSON.stringify(value).length] as const,
  );
  const [field, bytes] = sizes.reduce((most, each) => (each[1] > most[1] ? each : most), [
    'nothing',
    0,
  ] as const);
  return [field, Math.ceil(bytes / 1024)];
}
