import { format, resolveConfig } from 'prettier';
import type { LintRule } from '../reconciler/core/lint/spec-rule.ts';
import { LINT_RULES } from '../reconciler/core/lint/lint-rules.ts';
import { IGNORE_RULE } from '../reconciler/core/lint/ignored-rules.ts';
import { type Rule, RULES } from '../reconciler/core/spec/rules/rules.ts';

const PAGE = 'schemas/docs/rules.md';

/** The page with a section for each rule, by its path. */
export async function rulePages(): Promise<Readonly<Record<string, string>>> {
  const names = Object.keys(RULES);
  const together = names.filter((name) => Object.hasOwn(LINT_RULES, name)).sort();
  const alone = names.filter((name) => !Object.hasOwn(LINT_RULES, name)).sort();
  const text = [
    '# Rules',
    'What `weka-gitops validate` and every pass check, rule by rule.',
    'An **error** keeps its object from being applied and all pruning from happening; a **warning** is told. Settings change the level of a rule that is not fixed for the whole repository:',
    yaml(
      'apiVersion: weka-gitops.dev/v1\nkind: Settings\nmetadata: { name: production }\nspec:\n  rules: { hot-spare-zero: silent } # error, warning or silent',
    ),
    'An annotation exempts one object, with a rule and the reason in each line; without a reason it is an error:',
    yaml(
      `apiVersion: weka.weka.io/v1alpha1\nkind: WekaCluster\nmetadata:\n  name: trial\n  namespace: weka\n  annotations:\n    ${IGNORE_RULE}: |\n      hot-spare-zero: a trial, nobody minds its data`,
    ),
    'Examples show what matters of a manifest: of a WekaCluster, where no kind is named.',
    '## Rules over WEKA’s manifests, and over all manifests together',
    ...together.map(section),
    '## Rules over one file or manifest',
    ...alone.map(section),
  ].join('\n\n');
  return { [PAGE]: await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' }) };
}

/** Where a rule is explained, from the folder of the README. */
export function linkTo(name: string): string {
  return `[\`${name}\`](${PAGE}#${name})`;
}

function section(name: string): string {
  const rule: Rule = RULES[name as keyof typeof RULES];
  const lint: LintRule | undefined = Object.hasOwn(LINT_RULES, name)
    ? LINT_RULES[name as keyof typeof LINT_RULES]
    : undefined;
  const facts = lint !== undefined && 'checkFacts' in lint ? ' Needs facts of the cluster.' : '';
  const grade = `**${rule.level}**${rule.fixed ? ', fixed: nothing changes its level.' : '.'}`;
  return [
    `### ${name}`,
    `${grade}${facts} ${rule.why}`,
    ...(rule.except === undefined ? [] : [rule.except]),
    ...(lint === undefined || !('checkFacts' in lint)
      ? []
      : [`The example is of a cluster like this: ${lint.facts}`]),
    ...(lint === undefined ? [] : ['Wrong:', yaml(lint.example.wrong), 'Right:', yaml(lint.example.right)]),
    ...(rule.fixed
      ? []
      : [
          `Silence it with \`rules: { ${name}: silent }\` in Settings, or for one object with \`${IGNORE_RULE}: '${name}: REASON'\`.`,
        ]),
  ].join('\n\n');
}

function yaml(text: string): string {
  return `\`\`\`yaml\n${text.trim()}\n\`\`\``;
}
