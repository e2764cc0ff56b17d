import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Failure } from './failure.ts';

const OPTIONS = {
  'without-agent': { type: 'boolean' },
  'driver-only': { type: 'boolean' },
  pack: { type: 'boolean' },
  json: { type: 'boolean', short: 'J' },
  version: { type: 'string' },
  from: { type: 'string' },
  'kernel-signature': { type: 'string' },
  'kernel-build-id': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export type Option = keyof typeof OPTIONS;

/** The options of a command, of which it knows only these, and its other words. */
export function optionsOf(args: readonly string[], known: readonly Option[]) {
  const options = Object.fromEntries(known.map((name) => [name, OPTIONS[name]])) as typeof OPTIONS;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new Failure(`error: ${(error as Error).message}`, 2);
  }
}
