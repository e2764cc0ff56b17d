import { readFileSync } from 'node:fs';

/** Clock ticks in which the kernel counts CPU time: 100 a second on every Linux that Node runs on. */
const TICKS = 100;

/** What a process has used so far, by the kernel's account. */
export interface ProcessUsage {
  /** User and system time of all its threads. */
  readonly cpuSeconds: number;
  /** Resident memory now. */
  readonly nowMiB: number;
  /** Resident memory at its highest so far. */
  readonly peakMiB: number;
}

/** Of a process that runs; undefined where it has ended, since its memory is gone then. */
export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const mebibytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
    const [nowMiB, peakMiB] = [mebibytes('VmRSS'), mebibytes('VmHWM')];
    if (Number.isNaN(peakMiB)) return undefined;
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS, nowMiB, peakMiB };
  } catch {
    return undefined;
  }
}
