import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from './failure.ts';
import { openPlace, type Place } from './place.ts';
import { driver } from './verbs/driver.ts';
import { version } from './verbs/version.ts';

/** Runs one command of `weka`, and gives its exit code. */
export async function weka(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const place = await openPlace(env);
  try {
    await strike(place, argv);
    process.stdout.write(await answer(place, argv));
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

async function answer(place: Place, [verb, ...args]: readonly string[]): Promise<string> {
  switch (verb) {
    case 'driver':
      return await driver(place, args);
    case 'version':
      return await version(place, args);
    default:
      throw new Failure(`error: unrecognized command '${verb ?? ''}'`, 2);
  }
}

/** Notes the command in the journal, and does what a fault says of it. */
async function strike({ journal, settings }: Place, argv: readonly string[]): Promise<void> {
  const earlier = await readFile(journal, 'utf8').catch(() => '');
  await mkdir(dirname(journal), { recursive: true });
  await appendFile(journal, `${JSON.stringify(argv)}\n`);
  for (const { command, stderr = '', rc = 0, times = Infinity, delayMs = 0 } of settings.faults ?? []) {
    const begins = (words: readonly string[]) => command.every((word, index) => words[index] === word);
    if (!begins(argv)) continue;
    const before = earlier.split('\n').filter((line) => line !== '' && begins(JSON.parse(line) as string[]));
    if (before.length >= times) continue;
    await delay(delayMs);
    if (rc !== 0) throw new Failure(stderr, rc);
  }
}
