/**
 * Loaded before the program that is measured (`node --import`): writes what the process has used into the file that
 * BENCH_PROBE names, when it ends. Plain JavaScript, since stripping types would itself be measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';

process.once('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  // The kernel's own peak; that of getrusage() takes in the process that this one was forked from.
  const status = readFileSync('/proc/self/status', 'utf8');
  const kibibytes = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  writeFileSync(
    process.env['BENCH_PROBE'],
    JSON.stringify({
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      peakMiB: kibibytes('VmHWM') / 1024,
      lastMiB: kibibytes('VmRSS') / 1024,
    }),
  );
});
