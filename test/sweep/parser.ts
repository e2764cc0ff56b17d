import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { silentDifferences } from '../tools/yaml/silent-differences.ts';
import { yamlTexts } from '../tools/yaml/texts.ts';
import type { Order, Report } from './parser-batch.ts';

/** What one input may take. */
const MAX_MS = 2000;
const MAX_MB = 200;

const BATCH = 5000;
/** Batches of each family of inputs: 125,000 inputs in all, and 50,000 that are compared with the API server's parser. */
const BATCHES = { bytes: 8, slips: 10, yaml: 7 } as const;
const HUGE = 300;
const COMPARED = 10;

/**
 * Very many inputs to the parser, most of them broken. Whatever a file holds, only findings come of it, each input takes at most 2 s and 200 MB, and
 * the file beside it is read all the same; and what we read without a word is what the API server's parser reads.
 */
export async function parserSweep(print: (text: string) => void): Promise<number> {
  const seed = Date.now() % 1_000_000_000;
  print(`Seed ${seed}.\n`);
  let inputs = 0;
  let slowestMs = 0;
  let faults = 0;
  const plan = [
    ...Object.entries(BATCHES).flatMap(([family, batches]) =>
      Array.from({ length: batches }, () => ({ family, runs: BATCH })),
    ),
    { family: 'huge', runs: HUGE },
  ];
  for (const [index, { family, runs }] of plan.entries()) {
    const report = await batch({ family, runs, seed: seed + index, maxMs: MAX_MS });
    inputs += report.inputs;
    slowestMs = Math.max(slowestMs, report.slowestMs);
    faults += report.faults.length;
    for (const fault of report.faults) print(`FAULT ${fault}\n`);
    print(`${inputs} inputs, ${family}; the slowest took ${Math.round(slowestMs)} ms; ${faults} faults.\n`);
  }
  for (let index = 0; index < COMPARED; index++) {
    const texts = fc.sample(yamlTexts, { numRuns: BATCH, seed: seed + index });
    const { read, different } = await silentDifferences(texts);
    faults += different.length;
    for (const each of different.slice(0, 10)) print(`FAULT read otherwise: ${JSON.stringify(each)}\n`);
    print(
      `${BATCH * (index + 1)} texts compared, ${read} of the last ${BATCH} read without a finding; ${faults} faults.\n`,
    );
  }
  return faults === 0 ? 0 : 1;
}

/** One batch in a process of its own, whose memory is bounded: an input that takes more ends it. */
async function batch(order: Order): Promise<Report> {
  const program = fileURLToPath(new URL('parser-batch.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(order)], { execArgv: [`--max-old-space-size=${MAX_MB}`] });
  let report: Report | undefined;
  child.on('message', (message) => (report = message as Report));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (report !== undefined && code === 0) return report;
  const how = signal ?? `exit code ${code}`;
  return { inputs: 0, slowestMs: 0, faults: [`${JSON.stringify(order)} ended with ${how}`] };
}
