import type { ChangeOutput } from '../../../schemas/output/plan.ts';
import { type Built, buildDesired, type BuildContext } from '../desired/build.ts';
import type { DesiredObject } from '../desired/desired.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import type { Change } from '../plan/change.ts';
import { planOutput } from '../report/json.ts';
import type { Assessment } from '../report/report.ts';
import type { ParsedSpecs, Spec } from '../spec/spec.ts';

/** All that an explanation is made of: what a plan is made of, and the plan. */
export interface Situation {
  readonly assessment: Assessment;
  readonly specs: ParsedSpecs;
  readonly built: Built;
  /** What was built, with each pod of WEKA in its place. */
  readonly desired: readonly DesiredObject[];
  readonly live: ReadonlyMap<ObjectId, KubeObject>;
  readonly context: BuildContext;
}

/** Everything that repository and cluster know by a name. */
export function knownIds({ assessment, specs, built, live }: Situation): ReadonlySet<ObjectId> {
  return new Set([
    ...specs.specs.map(({ id }) => id),
    ...specs.broken.map(({ id }) => id),
    ...built.broken.keys(),
    ...built.objects.map(({ id }) => id),
    ...assessment.changes.map(({ id }) => id),
    ...live.keys(),
  ]);
}

export function desiredOf({ desired }: Situation, id: ObjectId): DesiredObject | undefined {
  return desired.find((each) => each.id === id);
}

export function changeOf({ assessment }: Situation, id: ObjectId): Change | undefined {
  return assessment.changes.find((each) => each.id === id);
}

/** The manifest that asks for an object; undefined where none does, or it has an error. */
export function specOf({ specs, context }: Situation, id: ObjectId): Spec | undefined {
  const itself = specs.specs.find((spec) => spec.id === id);
  return (
    itself ??
    specs.specs.find(
      (spec) =>
        spec.kind !== 'object' &&
        buildDesired({ specs: [spec], broken: [] }, context).objects.some((each) => each.id === id),
    )
  );
}

/** The objects that a manifest is built into. */
export function objectsBuiltOf({ context }: Situation, spec: Spec): readonly ObjectId[] {
  return buildDesired({ specs: [spec], broken: [] }, context).objects.map(({ object }) => objectId(object));
}

/** A change as every rendering shows it, without anything secret. */
export function changeOutputOf({ assessment }: Situation, change: Change): ChangeOutput | undefined {
  const { drivers: _told, ...rest } = assessment;
  return planOutput({ ...rest, changes: [change], findings: [] }).changes[0];
}
