import type { CommandOf } from './command.ts';
import { type Given, optional } from './given.ts';
import { seeHelp, UsageError } from './usage-error.ts';
import { CLUSTER, outputOf, PLAIN, type Verb } from './verb.ts';

export const DRIVERS: Verb<CommandOf<'drivers'>> = {
  options: [...CLUSTER, 'output', 'to', 'version', 'service', 'from'],
  words: 1,
  read(given) {
    const [does] = given.words;
    if (does !== 'export') {
      const said = does === undefined ? 'is not told what to do' : `cannot ${JSON.stringify(does)}`;
      throw new UsageError(`weka-gitops drivers ${said}.`, {
        hint: 'weka-gitops drivers export --to DIR brings packages into a folder.',
      });
    }
    const to = given.text('to');
    if (to === undefined || to === '') {
      throw new UsageError('weka-gitops drivers export is not told where to.', seeHelp('drivers'));
    }
    return {
      verb: 'drivers',
      does,
      to,
      output: outputOf(given, PLAIN),
      flags: given.flags,
      ...optional('version', given.text('version')),
      ...optional('service', given.text('service')),
      ...optional('from', addressOf(given)),
    };
  },
};

function addressOf(given: Given): string | undefined {
  const from = given.text('from');
  if (from === undefined) return undefined;
  const url = URL.canParse(from) ? new URL(from) : undefined;
  const isPlain = url !== undefined && url.search === '' && url.hash === '';
  if (isPlain && /^https?:$/.test(url.protocol)) return from;
  throw new UsageError('--from is no http:// or https:// address.', {
    hint: 'Give it without /dist/v1, as in https://127.0.0.1:60002.',
  });
}
