import { type ErrorDetails, ReconcilerError } from '../../reconciler/errors.ts';
import type { DriverCode } from '../../schemas/node/driver-codes.ts';
import type { DriversReport } from '../../schemas/node/drivers.ts';

/** What holds drivers up, as the report tells it. */
export interface Fault {
  readonly state: Extract<DriversReport['state'], 'waiting' | 'failed' | 'refused'>;
  readonly code: DriverCode;
  /** One sentence. */
  readonly message: string;
  readonly hint?: string;
  /** Module that it is about. */
  readonly module?: string;
  readonly users?: readonly string[];
}

/** A step that failed, and when it may be tried again. */
export interface Failure extends Fault {
  readonly dueInMs: number;
}

/** A step of the driver loader did not succeed. */
export class StepFailedError extends ReconcilerError {
  readonly code: DriverCode;
  readonly retry = 'next-pass';
  readonly fault: Fault;
  /** Whether it got further than the time before, so that it is soon tried again. */
  readonly hasProgressed: boolean;

  constructor(
    fault: Fault,
    { hasProgressed = false, ...details }: ErrorDetails & { hasProgressed?: boolean } = {},
  ) {
    super(fault.message, { hint: fault.hint, ...details });
    this.code = fault.code;
    this.fault = fault;
    this.hasProgressed = hasProgressed;
  }
}
