#!/usr/bin/env node
import { crashSweep } from './crash.ts';

const SWEEPS: Readonly<Record<string, (print: (text: string) => void) => Promise<number>>> = {
  crash: crashSweep,
};

const [name = ''] = process.argv.slice(2);
const sweep = SWEEPS[name];
if (sweep === undefined) {
  process.stderr.write(`Which sweep? ${Object.keys(SWEEPS).join(', ')}\n`);
  process.exitCode = 2;
} else process.exitCode = await sweep((text) => void process.stdout.write(text));
