import { registryRefusal } from '../../drivers/allowed-registry.ts';
import { KINDS, kindNamed } from '../../kube/kinds.ts';
import { groupKind, type GroupKind } from '../../kube/object.ts';
import { record } from '../../kube/json.ts';
import { nearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { quoted } from '../text.ts';
import { settingsFaults } from '../../lint/references/settings-faults.ts';
import { beyondCeiling } from './namespaces.ts';
import type { Check, RuleContext } from './rule-context.ts';
import { FIXED_HINT, unknownRuleHint } from './rule-hints.ts';
import { isRuleName, RULES } from './rules.ts';

/** Settings stay within what the process's configuration allows, and name rules that can be set. */
export const settingsRules: Check = function* ({ kind, type, value }, { ceilings }) {
  if (!('own' in type) || kind !== 'Settings') return;
  const spec = record(value['spec']);
  yield* levels(record(spec['rules']));
  for (const fault of settingsFaults(spec)) yield { rule: 'settings-value', ...fault };
  yield* namespacesWithin(spec['namespaces'], ceilings);
  yield* kindsWithin(record(spec['kinds'])['allow'], ceilings);
  yield* registryWithin(record(spec['drivers'])['registry'], ceilings);
};

function* levels(rules: Readonly<Record<string, unknown>>): Generator<Problem> {
  for (const [name, level] of Object.entries(rules)) {
    const path = ['spec', 'rules', name];
    if (!isRuleName(name)) {
      const hint = unknownRuleHint(name);
      yield { rule: 'unknown-rule', path, at: 'name', message: `There is no rule ${quoted(name)}.`, hint };
    } else if (RULES[name].fixed && level !== RULES[name].level) {
      yield {
        rule: 'fixed-rule',
        path,
        at: 'name',
        message: `The rule ${name} stays an ${RULES[name].level}.`,
        hint: FIXED_HINT,
      };
    }
  }
}

function* namespacesWithin(namespaces: unknown, ceilings: RuleContext['ceilings']): Generator<Problem> {
  if (!Array.isArray(namespaces)) return;
  for (const [index, namespace] of namespaces.entries()) {
    const reason = typeof namespace === 'string' ? beyondCeiling(namespace, ceilings) : undefined;
    if (reason === undefined) continue;
    const path = ['spec', 'namespaces', index];
    yield { rule: 'beyond-ceiling', path, message: `${reason.message}.`, hint: reason.hint };
  }
}

function* registryWithin(
  registry: unknown,
  { driverRegistries }: RuleContext['ceilings'],
): Generator<Problem> {
  const refusal = typeof registry === 'string' ? registryRefusal(registry, driverRegistries) : undefined;
  if (refusal === undefined) return;
  yield {
    rule: 'beyond-ceiling',
    path: ['spec', 'drivers', 'registry'],
    message: refusal.why,
    hint: refusal.hint,
  };
}

function* kindsWithin(allow: unknown, ceilings: RuleContext['ceilings']): Generator<Problem> {
  if (!Array.isArray(allow)) return;
  for (const [index, name] of allow.entries()) {
    if (typeof name !== 'string' || ceilings.kinds.includes(name as GroupKind)) continue;
    const known = kindNamed(name as GroupKind);
    if (known?.allowed === 'always') continue;
    const near = nearest(name, KINDS.map(groupKind));
    yield {
      rule: 'beyond-ceiling',
      path: ['spec', 'kinds', 'allow', index],
      message:
        known === undefined
          ? `${quoted(name)} is not a kind that a repository may hold.`
          : `${name} is not among the kinds that the process's configuration allows.`,
      hint:
        known === undefined
          ? `Kinds are named KIND.GROUP${near === undefined ? '' : `; did you mean ${near}?`}`
          : `Add ${name} to ceilings.kinds of the configuration; Settings only narrow what it says.`,
    };
  }
}
