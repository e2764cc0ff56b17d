import { type Command, UsageError } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { explainField } from '../core/explain/explain-field.ts';
import { fieldExplanationText } from '../core/report/field-explanation.ts';
import { jsonText } from '../core/report/json.ts';
import type { Program } from '../program.ts';

/** Says what a field of a manifest means. It needs no repository and no cluster. */
export function explainFieldCommand(
  { target, recursive, output }: Extract<Command, { verb: 'explain-field' }>,
  { console }: Program,
): ExitCode {
  const explained = explainField(target, recursive);
  if ('message' in explained) throw new UsageError(explained.message, { hint: explained.hint });
  const { colour, width } = console;
  console.print(
    output === 'json' ? jsonText(explained) : fieldExplanationText(explained, { colour, width, recursive }),
  );
  return 0;
}
