/** Measures the program beside others that do the same work: `npm run bench -- [NAME…] [--json FILE] [--build-peers]`. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Bed, openBed } from './bed.ts';
import { agentFigures } from './figures/agent.ts';
import { applyFigures } from './figures/apply.ts';
import { distFigures } from './figures/dist.ts';
import { driverFigures } from './figures/drivers.ts';
import { fewFigures } from './figures/few.ts';
import { fleetFigures } from './figures/fleet.ts';
import { fluxFigures } from './figures/flux.ts';
import { forecastFigures } from './figures/forecast.ts';
import { idleFigures } from './figures/idle.ts';
import { planFigures } from './figures/plan.ts';
import { pollFigures } from './figures/poll.ts';
import { relistFigures } from './figures/relist.ts';
import { renderFigures } from './figures/render.ts';
import { reportFigures } from './figures/reports.ts';
import { reviewFigures } from './figures/review.ts';
import { startFigures } from './figures/start.ts';
import { validateFigures } from './figures/validate.ts';
import { webhookFigures } from './figures/webhook.ts';
import { buildPeers } from './peers/build.ts';
import { type Row, table } from './row.ts';

type Figures = (bed: Bed) => Promise<readonly Row[]>;

const FIGURES: Readonly<Record<string, Figures>> = {
  start: startFigures,
  validate: validateFigures,
  poll: pollFigures,
  apply: applyFigures,
  few: fewFigures,
  plan: planFigures,
  idle: idleFigures,
  relist: relistFigures,
  forecast: forecastFigures,
  render: renderFigures,
  webhook: webhookFigures,
  review: reviewFigures,
  reports: reportFigures,
  agent: agentFigures,
  drivers: driverFigures,
  fleet: fleetFigures,
  dist: distFigures,
  flux: fluxFigures,
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, 'build-peers': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !(name in FIGURES));
if (unknown !== undefined) {
  console.error(`There is no figure ${unknown}; there are ${Object.keys(FIGURES).join(', ')}.`);
  process.exit(2);
}
const names = positionals.length === 0 ? Object.keys(FIGURES) : positionals;
// What the bed holds ends with this process, whatever ends it.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));

if (values['build-peers']) await buildPeers(console.error);

const started = performance.now();
const bed = await openBed();
const rows: Row[] = [];
try {
  for (const name of names) {
    console.error(
      `${elapsed()} ${name} … (load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} CPUs)`,
    );
    rows.push(...(await FIGURES[name]!(bed)));
    // Early, so that a run that is cut short has told what it knew.
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
} finally {
  await bed.close();
}
console.error(`${elapsed()} done`);
console.log(table(rows));

function elapsed(): string {
  return `${Math.round((performance.now() - started) / 1000)} s`.padStart(6);
}
