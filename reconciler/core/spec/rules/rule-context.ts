import type { Settings } from '../../../../schemas/settings.ts';
import type { SpecKind } from '../../../../schemas/spec.ts';
import type { Kind } from '../../kube/kinds.ts';
import type { GroupKind, ObjectId } from '../../kube/object.ts';
import type { Manifest } from '../manifest.ts';
import type { Problem } from '../problem.ts';

/** What the process's configuration allows at most. */
export interface Ceilings {
  readonly namespaces?: readonly string[];
  readonly kinds: readonly GroupKind[];
  /** Where our own objects stand. */
  readonly systemNamespace: string;
  /** Where the agents of nodes run and report. */
  readonly agentNamespace?: string | undefined;
  /** Registries that packages of drivers may come from; the vendor's alone where unset. */
  readonly driverRegistries?: readonly string[] | undefined;
  /** Objects of the installation itself that specs may hold, whatever namespaces and kinds they may otherwise. */
  readonly own?: readonly ObjectId[] | undefined;
}

/** What checks need to know besides the manifest. */
export interface RuleContext {
  readonly ceilings: Ceilings;
  readonly settings: Settings['spec'];
}

type Values = Readonly<Record<string, unknown>>;

/** A manifest whose kind is known, so that it can be looked into. */
export interface Candidate {
  readonly manifest: Manifest;
  readonly value: Values;
  readonly metadata: Values;
  readonly apiVersion: string;
  readonly kind: string;
  /** What is known of the kind: a plain object's row, or the schema of one of ours. */
  readonly type: { readonly plain: Kind } | { readonly own: SpecKind };
}

/** One rule, or a few that belong together: what is wrong with a manifest, in the order of its file or not. */
export type Check = (candidate: Candidate, context: RuleContext) => Iterable<Problem>;

/** Whether a manifest is of the installation itself, and may be. */
export function isOwn({ id }: Pick<Manifest, 'id'>, { ceilings }: Pick<RuleContext, 'ceilings'>): boolean {
  return id !== undefined && ceilings.own?.includes(id) === true;
}
