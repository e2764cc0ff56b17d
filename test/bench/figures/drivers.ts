import type { Bed } from '../bed.ts';
import { downloadFigures } from '../driver-download.ts';
import { driverFleetFigures } from '../driver-fleet.ts';
import type { Row } from '../row.ts';

/** Drivers: what an agent takes to bring a large package, and how many passes it is from a push to loaded modules. */
export async function driverFigures(bed: Bed): Promise<readonly Row[]> {
  return [...(await downloadFigures(bed)), ...(await driverFleetFigures(bed))];
}
