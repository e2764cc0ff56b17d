import type { Output } from '../args.ts';
import { jsonText } from '../core/report/json.ts';
import type { Style } from '../core/report/terminal.ts';
import type { Console } from '../program.ts';

/** The renderings of one kind of result. */
export interface Renderings<Result> {
  readonly text: (result: Result, style: Style) => string;
  readonly markdown: (result: Result) => string;
}

/** Prints `result` as the user asked for it. */
export function render<Result extends Parameters<typeof jsonText>[0]>(
  result: Result,
  output: Output,
  { text, markdown }: Renderings<Result>,
  console: Console,
): void {
  switch (output) {
    case 'text':
      console.print(text(result, console));
      break;
    case 'markdown':
      console.print(markdown(result));
      break;
    case 'json':
      console.print(jsonText(result));
      break;
  }
}
