#!/usr/bin/env node
import { crashSweep } from './crash.ts';
import { driverSweep } from './drivers.ts';
import { faultSweep } from './faults.ts';
import { parserSweep } from './parser.ts';
import { schedulerSweep } from './scheduler.ts';

type Sweep = (print: (text: string) => void, words: readonly string[]) => Promise<number>;

const SWEEPS: Readonly<Record<string, Sweep>> = {
  crash: crashSweep,
  drivers: driverSweep,
  faults: faultSweep,
  parser: parserSweep,
  scheduler: schedulerSweep,
};

const [name = '', ...words] = process.argv.slice(2);
const sweep = SWEEPS[name];
if (sweep === undefined) {
  process.stderr.write(`Which sweep? ${Object.keys(SWEEPS).join(', ')}\n`);
  process.exitCode = 2;
} else process.exitCode = await sweep((text) => void process.stdout.write(text), words);
