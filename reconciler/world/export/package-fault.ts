import type { DriverCode } from '../../../schemas/node/driver-codes.ts';

export interface Fault {
  readonly code?: DriverCode;
  readonly why: string;
  readonly hint?: string | undefined;
}

/** Why a package could not be brought; becomes an outcome beside those of the others. */
export class PackageFault extends Error {
  readonly fault: Fault;

  constructor({ cause, ...fault }: Fault & { readonly cause?: unknown }) {
    super(fault.why, { cause });
    this.name = new.target.name;
    this.fault = fault;
  }
}
