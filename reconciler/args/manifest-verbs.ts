import type { CommandOf } from './command.ts';
import { optional } from './given.ts';
import { UsageError } from './usage-error.ts';
import { ANSWERS, FINDINGS, outputOf, PLAIN, type Verb, WHERE } from './verb.ts';

export const VALIDATE: Verb<CommandOf<'validate'>> = {
  options: ['output', 'config', 'facts', 'kubeconfig', 'context'],
  words: Number.POSITIVE_INFINITY,
  read(given) {
    const output = outputOf(given, FINDINGS);
    if (given.words.length === 0) {
      throw new UsageError('weka-gitops validate needs a file or a folder.', {
        hint: 'weka-gitops validate . checks all manifests below this folder.',
      });
    }
    const { words: paths, flags } = given;
    return { verb: 'validate', paths, output, flags, ...optional('facts', given.text('facts')) };
  },
};

export const EXPLAIN_FIELD: Verb<CommandOf<'explain-field'>> = {
  options: ['output'],
  switches: ['recursive'],
  words: 1,
  read(given) {
    const output = outputOf(given, PLAIN);
    const [target] = given.words;
    if (target === undefined) {
      throw new UsageError('weka-gitops explain-field needs a kind or a field.', {
        hint: 'weka-gitops explain-field wekacluster.spec.image says what that field means.',
      });
    }
    return { verb: 'explain-field', target, recursive: given.on('recursive'), output };
  },
};

export const EXPLAIN: Verb<CommandOf<'explain'>> = {
  options: ['output', ...WHERE, 'worktree'],
  words: 2,
  read(given) {
    const output = outputOf(given, ANSWERS);
    const [target, field] = given.words;
    if (target === undefined) {
      throw new UsageError('weka-gitops explain needs something to explain.', {
        hint: 'weka-gitops explain deployment/monitoring/exporter spec.replicas; or node/NAME, drive/SERIAL, or drivers.',
      });
    }
    return {
      verb: 'explain',
      target,
      output,
      flags: given.flags,
      ...optional('field', field),
      ...optional('worktree', given.text('worktree')),
    };
  },
};
