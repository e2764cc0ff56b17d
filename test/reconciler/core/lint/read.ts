import { lint } from '../../../../reconciler/core/lint/lint.ts';
import { LINT_RULES } from '../../../../reconciler/core/lint/lint-rules.ts';
import type { LintRule } from '../../../../reconciler/core/lint/spec-rule.ts';
import type { ParsedSpecs } from '../../../../reconciler/core/spec/spec.ts';
import { readFiles } from '../spec/read.ts';

/** Rules that need nothing but the repository, by name. */
export const SPEC_RULES = Object.entries<LintRule>(LINT_RULES).flatMap(([name, rule]) =>
  'check' in rule ? [{ name, rule }] : [],
);

/** Where the manifests of `broken/` and `valid/` may get drivers from. */
const REGISTRIES = ['https://drivers.weka.io', 'https://drivers.example.com', 'https://[fd00::11]:60002'];

/** Files by name, as a repository would hold them, checked together. */
export function lintFiles(files: Readonly<Record<string, string | Uint8Array>>): ParsedSpecs {
  return lint(readFiles(files, { driverRegistries: REGISTRIES }));
}

/**
 * Findings as `broken/NAME.txt` has them: `line:column level rule: message`, the hint below it, a blank line between. Those
 * of the rule that the file is about, and errors of others; warnings of others stand in the files that are about those.
 */
export function written({ findings }: Pick<ParsedSpecs, 'findings'>, about: string): string {
  return findings
    .filter(({ level, rule }) => rule === about || level === 'error')
    .map(({ line, column, level, rule, message, hint }) => {
      const said = `${line}:${column} ${level} ${rule}: ${message}\n`;
      return hint === undefined ? said : `${said}  hint: ${hint}\n`;
    })
    .join('\n');
}

/** The rule that a file of `broken/` or `valid/` is about: it is named `RULE.yaml` or `RULE-2.yaml`. */
export function ruleOf(file: string): string {
  return file.replace(/(-\d+)?\.yaml$/, '');
}
