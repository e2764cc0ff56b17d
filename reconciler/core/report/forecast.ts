import type { ForecastOutput, ForecastPassOutput } from '../../../schemas/output/plan.ts';
import { wrapped } from './layout.ts';
import { code, folded, inline, table } from './markdown-text.ts';
import type { Room } from './markdown-room.ts';
import { obstaclesByNodes, writesByNodes } from './node-changes.ts';
import { OPERATION_COLOURS, type Page } from './page.ts';
import { count, prose } from './plain.ts';
import { SYMBOLS } from './words.ts';

/** Writes of a stage, and waits, that a terminal shows; the rest is counted. */
const SHOWN = 20;

/** The way that a plan goes, for a terminal. */
export function forecastLines(forecast: ForecastOutput, page: Page): string[] {
  const indented = (depth: number, text: string) =>
    wrapped(prose(text), page.width - depth).map((line) => ' '.repeat(depth) + line);
  const item = (sign: string, target: string) =>
    wrapped(prose(target, 300), page.width - 10).map(
      (line, index) => `      ${index === 0 ? sign : ' '.repeat(3)} ${line}`,
    );
  const passLines = (pass: ForecastPassOutput, title: string) => [
    ...indented(2, title),
    ...pass.stages
      .map(writesByNodes)
      .flatMap((stage, number) => [
        `    stage ${number + 1}`,
        ...stage
          .slice(0, SHOWN)
          .flatMap(({ op, restarts, ...write }) => [
            ...item(page.paint(OPERATION_COLOURS[op], SYMBOLS[op].padEnd(3)), writeWords(write)),
            ...restarts.flatMap((pods) => indented(10, `stops ${pods}`)),
          ]),
        ...more(stage.length, 'write').map((line) => `      ${line}`),
      ]),
    ...waitLines(pass.waits, 'waits meanwhile'),
  ];
  const waitLines = (waits: ForecastPassOutput['waits'], title: string) => {
    const told = obstaclesByNodes(waits);
    return told.length === 0
      ? []
      : [
          `    ${title}`,
          ...told
            .slice(0, SHOWN)
            .flatMap(({ target, why }) => [...item(page.paint('cyan', '…  '), target), ...indented(10, why)]),
          ...more(told.length, 'object').map((line) => `      ${line}`),
        ];
  };
  return [
    ...wrapped(forecastWords(forecast), page.width).map((line) => page.paint('bold', line)),
    ...forecast.passes.flatMap((pass, index) => passLines(pass, `Pass ${index + 1}`)),
    ...(forecast.left.length + forecast.pending.length === 0 ? [] : ['  After that']),
    ...waitLines(forecast.pending, 'goes on once this has come about'),
    ...waitLines(forecast.left, 'still waits'),
    ...forecast.unlocks.flatMap(({ approval, passes }) => [
      ...indented(2, `With ${approval} committed: ${passWords(passes.length)} more`),
      ...passes.flatMap((pass) => passLines(pass, '')).filter((line) => line !== '  '),
    ]),
    ...leftOutWords(forecast).flatMap((words) => indented(2, words)),
  ];
}

/** The same for a pull request, folded. */
export function forecastSection(forecast: ForecastOutput | undefined, room: Room): string {
  if (forecast === undefined) return '';
  const rows = room.forecast;
  const title = `#### ${forecastWords(forecast)}`;
  const cells = forecast.passes.flatMap(({ stages }, pass) =>
    stages
      .map(writesByNodes)
      .flatMap((stage, number) =>
        stage.map(({ op, target, node, restarts }) => [
          `${pass + 1}`,
          `${number + 1}`,
          code(SYMBOLS[op]),
          [code(target), ...(node?.does ?? []).map((each) => inline(each))].join('<br>'),
          restarts.map((pods) => inline(pods)).join('<br>'),
        ]),
      ),
  );
  const left = obstaclesByNodes(forecast.left).map(({ target, why }) => [code(target), inline(why)]);
  const pending = obstaclesByNodes(forecast.pending).map(({ target, why }) => [code(target), inline(why)]);
  const waits = forecast.passes.flatMap((pass, index) =>
    obstaclesByNodes(pass.waits).map(({ target, why }) => [`${index + 1}`, code(target), inline(why)]),
  );
  const parts = [
    ...tablePart(['Pass', 'Stage', '', 'Object', 'Stops'], cells, room),
    ...(waits.length === 0
      ? []
      : ['Meanwhile these wait:', ...tablePart(['Pass', 'Object', 'Why'], waits, room)]),
    ...(pending.length === 0
      ? []
      : [
          'After that these go on once this has come about:',
          ...tablePart(['Object', 'What'], pending, room),
        ]),
    ...(left.length === 0
      ? []
      : ['After that these still wait:', ...tablePart(['Object', 'Why'], left, room)]),
    ...forecast.unlocks.map(({ approval, passes }) => {
      const writes = passes.flatMap(({ stages }) => stages.flatMap(writesByNodes));
      const shown = writes.slice(0, rows).map(({ op, target }) => code(`${SYMBOLS[op]} ${target}`));
      if (shown.length < writes.length) room.cut.add('the forecast');
      const more = writes.length > shown.length ? [`and ${writes.length - shown.length} more`] : [];
      return `With ${code(approval)}: ${[...shown, ...more].join(', ') || 'nothing'}.`;
    }),
    ...leftOutWords(forecast),
  ];
  if (rows === 0) return title;
  return parts.length === 0 ? title : `${title}\n\n${folded('Show the way', parts.join('\n\n'))}`;
}

function tablePart(head: readonly string[], cells: readonly (readonly string[])[], room: Room): string[] {
  if (cells.length === 0) return [];
  const more = cells.length - room.forecast;
  if (more > 0) room.cut.add('the forecast');
  return [
    table(head, cells.slice(0, room.forecast)),
    ...(more > 0 ? [`… and ${count(more, 'more row')}.`] : []),
  ];
}

/** `nodes a and b: load drivers of 4.4.5`. */
export function writeWords({ target, node }: Pick<ForecastWrite, 'target' | 'node'>): string {
  const [does] = node?.does ?? [];
  return does === undefined ? target : `${target}: ${does}`;
}

type ForecastWrite = ForecastPassOutput['stages'][number][number];

/** How much of the way is not told. */
export function leftOutWords({ unlocksLeftOut }: ForecastOutput): readonly string[] {
  return unlocksLeftOut === 0
    ? []
    : [`What ${count(unlocksLeftOut, 'more Approval')} would set free is not worked out.`];
}

/** `Forecast: 2 passes, then nothing changes any more; 1 object waits.` */
export function forecastWords({ settled, passes, left, pending }: ForecastOutput): string {
  const rest =
    left.length === 0
      ? ''
      : `, and ${count(left.length, 'object')} still ${left.length === 1 ? 'waits' : 'wait'}`;
  if (pending.length > 0) {
    const awaited = `once what ${count(pending.length, 'object')} ${pending.length === 1 ? 'waits' : 'wait'} for has come about`;
    return `Forecast: ${passWords(passes.length)}, then more ${awaited}${rest}`;
  }
  if (!settled) return `Forecast: no end in sight after ${passWords(passes.length)}`;
  return passes.length === 0
    ? `Forecast: nothing changes${rest}`
    : `Forecast: ${passWords(passes.length)}, then nothing changes any more${rest}`;
}

function passWords(passes: number): string {
  return count(passes, 'pass', 'passes');
}

function more(all: number, noun: string): string[] {
  return all > SHOWN ? [`… and ${count(all - SHOWN, `more ${noun}`)}`] : [];
}
