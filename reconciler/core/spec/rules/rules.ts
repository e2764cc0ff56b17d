import { LINT_RULES } from '../../lint/lint-rules.ts';

/** What is known of a rule besides its check. */
export interface Rule {
  readonly level: 'error' | 'warning' | 'ignored';
  /** Whether Settings may not change its level: what it finds cannot be applied, or not safely. */
  readonly fixed: boolean;
  readonly why: string;
  /** Where the level is another one. */
  readonly except?: string;
}

/** Rules that look at one file or manifest alone, by their stable names. New ones register here. */
const MANIFEST_RULES = {
  encoding: fixed('Text in another encoding would be read wrongly.'),
  'yaml-syntax': fixed('A file that cannot be read says nothing of what it wants.'),
  'yaml-limits': fixed('Hostile or mistaken files may not take all time or memory.'),
  'yaml-tag': fixed('Tags change what a value is, and no API server reads them.'),
  'yaml-key': fixed('Names of fields are text.'),
  'duplicate-key': fixed('Of two values for one field, readers take either.'),
  'ambiguous-scalar': error('The API server reads some unquoted words and numbers otherwise than YAML 1.2.'),
  'not-a-manifest': {
    ...fixed('A document without apiVersion and kind says nothing of what it is.'),
    except:
      'It is a warning where a document has no metadata either, as files of other programs have none: a `package.json`, a dashboard.',
  },
  'unknown-kind': fixed(
    'An object of another kind would not be applied, and must not be passed over in silence.',
  ),
  'kind-not-allowed': fixed('Kinds that give rights are allowed by the process’s configuration only.'),
  'mode-not-supported': fixed('A container that is not made must not look as if it were.'),
  'unknown-field': error('The API server refuses fields that it does not know.'),
  schema: fixed('The API server refuses a value of the wrong type.'),
  'missing-field': fixed('Without it the object cannot exist.'),
  'invalid-name': fixed('The API server refuses such a name.'),
  'invalid-label': fixed('The API server refuses such labels and annotations.'),
  'generate-name': fixed('An object with a new name each time could never be found again.'),
  'missing-namespace': fixed('Where the namespace is left to chance, so is the object.'),
  'unexpected-namespace': fixed('An object of the whole cluster has no namespace.'),
  'namespace-not-allowed': fixed('Specs stay within the namespaces they were given.'),
  'beyond-ceiling': fixed('Settings narrow what the process’s configuration allows, and never widen it.'),
  'registry-not-allowed': fixed(
    'Nodes load into their kernels what they are given, so drivers come from the vendor, from Services of the repository, and from where the process’s configuration says.',
  ),
  'duplicate-object': fixed('Of two manifests for one object, only one could hold.'),
  'duplicate-settings': fixed('Of two Settings, only one could hold.'),
  reserved: fixed('These names keep track of what is ours.'),
  'ignored-field': { level: 'ignored', fixed: false, why: 'Nothing is dropped in silence.' },
  'operation-done': {
    level: 'ignored',
    fixed: false,
    why: 'What was done before a manifest came here is not done a second time.',
    except:
      'Of every other status nothing is read: it is told as `ignored-field`, and an operation that is not Done is one that is not done yet.',
  },
  'unknown-rule': { level: 'warning', fixed: false, why: 'A rule of another name stays as it is.' },
  'settings-value': error('A setting that can never hold says something else than its author means.'),
  'fixed-rule': fixed('Some faults cannot be waved through.'),
  'ignore-rule': fixed('An exemption names a rule and says why; nobody can review one that does not.'),
  'not-decrypted': {
    ...fixed('Nothing is applied of a file whose encrypted values nobody can read.'),
    except:
      'It is a warning of `weka-gitops validate PATH` where no key is configured: whoever writes manifests need not hold the keys of the cluster.',
  },
  tampered: fixed('An encrypted file that is not as sops wrote it says what somebody else wants.'),
  'plain-leftover': fixed('What stands in plain in git is no secret any more.'),
  'kustomize-missing': fixed(
    'A folder with a kustomization is what kustomize makes of it, and only kustomize knows that.',
  ),
  'kustomize-remote': fixed(
    'What is read from elsewhere may change without a commit here, and nobody reviews it here.',
  ),
  'kustomize-plugin': fixed(
    'A plugin is a program, and the repository must not run programs with our rights.',
  ),
  'kustomize-reference': fixed(
    'What a kustomization names and is not there, or not readable, is missing in what it makes.',
  ),
  'kustomize-build': fixed('Of a folder that cannot be built nobody knows which objects it asks for.'),
  'kustomize-limits': fixed('Building one folder may not take all time or memory.'),
  'file-too-large': fixed('Hostile or mistaken files may not take all memory.'),
  'file-name': fixed('A file whose name cannot be printed cannot be spoken of.'),
  symlink: fixed('A link may lead out of the repository, to what nobody reviewed.'),
  submodule: fixed('Another repository is reviewed elsewhere, and is not read with this one.'),
  'special-file': fixed('What is no plain file has no content that was committed.'),
  'lfs-pointer': fixed('A pointer to a manifest is no manifest, and what it points to is not in the commit.'),
  'more-findings': fixed('A file with very many faults is mended step by step.'),
} as const satisfies Readonly<Record<string, Rule>>;

/** Rules over manifests beside the plan, which only a command that makes one can look at. */
const PLAN_RULES = {
  'approval-broader': {
    level: 'warning',
    fixed: true,
    why: 'Consent by name alone would hold for whatever is called so later.',
  },
  'approval-expired': { level: 'warning', fixed: true, why: 'Consent that has ended unlocks nothing.' },
  'approval-too-long': fixed('Consent that holds for long is given for what nobody has seen yet.'),
  'approval-unmatched': {
    level: 'warning',
    fixed: true,
    why: 'Consent is to one change and no other, and this one is not planned.',
  },
  'approval-used': { level: 'ignored', fixed: true, why: 'Consent is used once.' },
} as const satisfies Readonly<Record<string, Rule>>;

/** Every rule: those over one manifest, those over all specs together, then those beside the plan. */
export const RULES = { ...MANIFEST_RULES, ...LINT_RULES, ...PLAN_RULES } as const satisfies Readonly<
  Record<string, Rule>
>;

/** Names of the rules over one file or manifest. */
export type ManifestRuleName = keyof typeof MANIFEST_RULES;

export type RuleName = keyof typeof RULES;

export function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(RULES, name);
}

function error(why: string): Rule {
  return { level: 'error', fixed: false, why };
}

function fixed(why: string): Rule {
  return { level: 'error', fixed: true, why };
}
