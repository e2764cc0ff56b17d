import type { Output } from '../args.ts';
import { jsonText } from '../core/report/json.ts';
import { printedPlan, printedReport } from '../core/report/printed.ts';
import type { Style } from '../core/report/terminal.ts';
import type { Console } from '../program.ts';

/** The renderings of one kind of result. */
export interface Renderings<Result> {
  readonly text: (result: Result, style: Style) => string;
  readonly markdown: (result: Result) => string;
  readonly html: (result: Result) => string;
}

type Printable = Parameters<typeof jsonText>[0];

/** Prints `result` as the user asked for it. */
export function render<Result extends Printable>(
  result: Result,
  output: Output,
  { text, markdown, html }: Renderings<Result>,
  console: Console,
): void {
  switch (output) {
    case 'text':
      console.print(text(result, console));
      break;
    case 'markdown':
      console.print(markdown(result));
      break;
    case 'html':
      console.print(html(result));
      break;
    case 'json':
      console.print(jsonText(printable(result)));
      break;
  }
}

/** What would be too long for one text is told in part, and says so. */
function printable(result: Printable): Printable {
  switch (result.kind) {
    case 'Plan':
      return printedPlan(result);
    case 'Report':
      return printedReport(result);
    default:
      return result;
  }
}
