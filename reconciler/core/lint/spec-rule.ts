import type { Settings } from '../../../schemas/settings.ts';
import type { Facts } from '../facts/facts.ts';
import type { ValuePath } from '../spec/source.ts';
import type { Spec } from '../spec/spec.ts';

/** The specs of one kind, typed. */
export type SpecOf<Kind extends Spec['kind']> = Extract<Spec, { kind: Kind }>;

/** Everything that the repository asks for, as rules see it: what has an error of its own is not in it. */
export interface SpecSet {
  readonly specs: readonly Spec[];
  readonly clusters: readonly SpecOf<'WekaCluster'>[];
  readonly clients: readonly SpecOf<'WekaClient'>[];
  readonly containers: readonly SpecOf<'WekaContainer'>[];
  readonly policies: readonly SpecOf<'WekaPolicy'>[];
  readonly operations: readonly SpecOf<'WekaManualOperation'>[];
  readonly approvals: readonly SpecOf<'Approval'>[];
  /** Plain objects of one of Kubernetes' kinds. */
  readonly objectsOf: (kind: string) => readonly SpecOf<'object'>[];
  /**
   * Whether a manifest of this kind and name is in the repository, even one with an error: that something is missing is
   * not said of what is only broken.
   */
  readonly has: (kind: string, namespace: string, name: string) => boolean;
  /** `namespace/name` of all manifests of a kind of which `has` is true. */
  readonly labels: (kind: string) => ReadonlySet<string>;
  readonly settings: Settings['spec'];
}

/** What a rule finds wrong, at a value of one spec. */
export interface SpecProblem {
  readonly spec: Spec;
  readonly path: ValuePath;
  /** Where the name of the field is the fault, and not its value. */
  readonly at?: 'name';
  /** Other values of the manifest that the fault comes of: kustomize may have made them, and not that at `path`. */
  readonly beside?: readonly ValuePath[];
  /** One plain sentence about this manifest. */
  readonly message: string;
  /** What to do; begins with a verb. A function where it takes a search: of many problems, few are told. */
  readonly hint?: string | (() => string);
}

interface RuleBase {
  readonly level: 'error' | 'warning';
  /** Whether Settings and annotations may not change its level. */
  readonly fixed: boolean;
  /** One sentence: what goes wrong where it is not kept. */
  readonly why: string;
  /**
   * A manifest that breaks the rule, and the nearest that keeps it, for the rule's page; YAML, and no more of it than
   * matters: of a WekaCluster where no kind is named.
   */
  readonly example: { readonly wrong: string; readonly right: string };
}

/** A rule over all that the repository asks for. */
export interface SpecRule extends RuleBase {
  readonly check: (set: SpecSet) => Iterable<SpecProblem>;
  /** Whether these facts answer what the rule can only suspect, so that a rule over facts speaks in its place. */
  readonly answeredBy?: (facts: Facts) => boolean;
}

/** A rule that needs to know the cluster too. */
export interface FactRule extends RuleBase {
  /** One sentence: the cluster in which the wrong example is wrong, and the right one right. */
  readonly facts: string;
  readonly checkFacts: (set: SpecSet, facts: Facts) => Iterable<SpecProblem>;
}

export type LintRule = SpecRule | FactRule;
