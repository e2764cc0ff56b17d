import { format, resolveConfig } from 'prettier';
import type { LintRule } from '../reconciler/core/lint/spec-rule.ts';
import { LINT_RULES } from '../reconciler/core/lint/lint-rules.ts';
import { IGNORE_RULE } from '../reconciler/core/lint/ignored-rules.ts';
import { MANIFEST_EXAMPLES, type ManifestExample } from '../reconciler/core/spec/rules/manifest-examples.ts';
import { type Rule, RULES } from '../reconciler/core/spec/rules/rules.ts';

const PAGE = 'schemas/docs/rules.md';

/** The page with a section for each rule, by its path. */
export async function rulePages(): Promise<Readonly<Record<string, string>>> {
  const names = Object.keys(RULES);
  const together = names.filter((name) => Object.hasOwn(LINT_RULES, name)).sort();
  const alone = names.filter((name) => Object.hasOwn(MANIFEST_EXAMPLES, name)).sort();
  const planned = names.filter((name) => !together.includes(name) && !alone.includes(name)).sort();
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
    '## Rules over WEKA’s manifests, and over all manifests together',
    'Examples show what matters of a manifest: of a WekaCluster, where no kind is named.',
    ...together.map(section),
    '## Rules over one file or manifest',
    'Examples are whole files here, or words where no text shows what is meant.',
    ...alone.map(section),
    '## Rules beside the plan',
    'Only a command that makes a plan looks at these, since they need the cluster, what was recorded, and the time.',
    ...planned.map(section),
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
    ...shown(lint === undefined ? exampleOf(name) : { text: lint.example }),
    ...(rule.fixed
      ? []
      : [
          `Silence it with \`rules: { ${name}: silent }\` in Settings, or for one object with \`${IGNORE_RULE}: '${name}: REASON'\`.`,
        ]),
  ].join('\n\n');
}

function exampleOf(name: string): ManifestExample | undefined {
  return Object.hasOwn(MANIFEST_EXAMPLES, name)
    ? MANIFEST_EXAMPLES[name as keyof typeof MANIFEST_EXAMPLES]
    : undefined;
}

function shown(example: ManifestExample | undefined): readonly string[] {
  if (example === undefined) return [];
  if ('words' in example) return [`Wrong: ${example.words.wrong}`, `Right: ${example.words.right}`];
  return ['Wrong:', yaml(example.text.wrong), 'Right:', yaml(example.text.right)];
}

function yaml(text: string): string {
  return `\`\`\`yaml\n${text.trim()}\n\`\`\``;
}
