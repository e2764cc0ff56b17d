import { IGNORE_RULE, ignoredRules } from '../../lint/ignored-rules.ts';
import { quoted } from '../text.ts';
import type { Check } from './rule-context.ts';
import { FIXED_HINT, unknownRuleHint } from './rule-hints.ts';
import { isRuleName, RULES } from './rules.ts';

const PATH = ['metadata', 'annotations', IGNORE_RULE];

/** An object's exemptions from rules say which rule and why, and name only rules that can be left. */
export const exemptions: Check = function* ({ value }) {
  const { rules, faults } = ignoredRules(value);
  for (const line of faults) {
    yield {
      rule: 'ignore-rule',
      path: PATH,
      message: `${quoted(line)} is no exemption from a rule: it needs the rule and a reason.`,
      hint: 'Write RULE: REASON, one in each line.',
    };
  }
  for (const name of rules.keys()) {
    if (!isRuleName(name)) {
      const hint = unknownRuleHint(name);
      yield { rule: 'unknown-rule', path: PATH, message: `There is no rule ${quoted(name)}.`, hint };
    } else if (RULES[name].fixed) {
      const message = `No object can be exempt from the rule ${name}.`;
      yield { rule: 'fixed-rule', path: PATH, message, hint: FIXED_HINT };
    }
  }
};
