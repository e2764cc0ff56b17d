import type { Pass, Prepare } from '../assess.ts';
import type { DesiredObject } from '../core/desired/desired.ts';
import { canonicalJson } from '../core/kube/hash.ts';
import type { ObjectId } from '../core/kube/object.ts';
import type { Change } from '../core/plan/change.ts';
import { planDigest } from '../core/plan/digest.ts';
import type { Assessment } from '../core/report/report.ts';
import type { Finding } from '../core/spec/finding.ts';
import type { Spec } from '../core/spec/spec.ts';
import type { Snapshot } from '../ports.ts';

/** A plan, and the manifests that it was made of. */
export interface Planned {
  readonly pass: Pass;
  readonly specs: ReturnType<Prepare>;
}

/** The plan of a merge, held against that of its base alone. */
export interface Compared {
  /** What the merge brings: of all that a pass would do after it, what one without it would not. */
  readonly own: Assessment;
  /** What a pass does, and what is wrong, without it as well. */
  readonly others: Assessment;
  /** What a pass does of the base alone, and not after the merge. */
  readonly undone: readonly ObjectId[];
}

/** Whether two snapshots hold the same manifests, without reading any. */
export function sameManifests(base: Snapshot, merged: Snapshot): boolean {
  const { files } = base;
  return (
    files.length === merged.files.length &&
    canonicalJson(base.findings) === canonicalJson(merged.findings) &&
    files.every((file, index) => {
      const other = merged.files[index];
      return (
        other?.path === file.path &&
        other.unopened === file.unopened &&
        Buffer.from(file.content.buffer, file.content.byteOffset, file.content.byteLength).equals(
          other.content,
        )
      );
    })
  );
}

/** Whether a merge changes nothing of what its base asks for, and finds no other fault. */
export function isUntouched(base: Planned, merge: Planned): boolean {
  return (
    sameObjects(base.pass.desired, merge.pass.desired) &&
    canonicalJson(base.specs.specs.ownSettings) === canonicalJson(merge.specs.specs.ownSettings) &&
    approvals(base) === approvals(merge) &&
    newFindings(base, merge.pass.assessment).length === 0 &&
    newFindings(merge, base.pass.assessment).length === 0
  );
}

/** The plan of a merge as it was proved, `assessment`, held against that of the base. */
export function compared(base: Planned, merge: Planned, assessment: Assessment): Compared {
  const before = digests(base.pass.assessment.changes);
  // Both as they were before they were proved, so that alike is alike.
  const after = digests(merge.pass.assessment.changes);
  const isOwn = (id: ObjectId) => !before.has(id) || before.get(id) !== after.get(id);
  const changes = assessment.changes.filter(({ id }) => isOwn(id));
  // What is asked for beside changes waits for no file of a pull request that its base waits for as well.
  const beside = new Set(base.pass.input.beside?.map(({ request }) => request.digest));
  const findings = newFindings(base, assessment);
  const isNew = new Set(findings);
  return {
    own: {
      ...assessment,
      changes,
      findings,
      awaited: (assessment.awaited ?? []).filter(
        ({ request, targets }) => targets.some(isOwn) && !beside.has(request.digest),
      ),
      // The same whatever else waits to be carried out.
      digest: planDigest(changes),
    },
    others: {
      ...assessment,
      changes: assessment.changes.filter(({ id }) => !isOwn(id)),
      findings: assessment.findings.filter((each) => !isNew.has(each)),
      awaited: [],
    },
    undone: [...before.keys()].filter((id) => !after.has(id)),
  };
}

function digests(changes: readonly Change[]): ReadonlyMap<ObjectId, string> {
  return new Map(
    changes.flatMap((change) => (change.op === 'keep' ? [] : [[change.id, planDigest([change])]])),
  );
}

/** Whether two builds ask for the same objects, whatever order they are in. */
export function sameObjects(one: readonly DesiredObject[], other: readonly DesiredObject[]): boolean {
  if (one.length !== other.length) return false;
  const known = new Map(one.map((desired) => [desired.id, desired]));
  return other.every(({ id, object, unplaced, createOnly, sealed }) => {
    const before = known.get(id);
    if (before === undefined) return false;
    if (before.object === object && before.sealed === sealed) return true;
    const [then, now] = [before.unplaced ?? before.object, unplaced ?? object];
    return (
      canonicalJson([then, before.createOnly ?? '', before.sealed?.paths ?? []]) ===
      canonicalJson([now, createOnly ?? '', sealed?.paths ?? []])
    );
  });
}

function approvals({ specs: { specs } }: Planned): string {
  const given = specs.specs.filter(
    (spec): spec is Extract<Spec, { kind: 'Approval' }> => spec.kind === 'Approval',
  );
  return canonicalJson(given.map(({ approval }) => approval).toSorted(byName));
}

function byName(
  one: { readonly metadata: { readonly name: string } },
  other: { readonly metadata: { readonly name: string } },
): number {
  return one.metadata.name < other.metadata.name ? -1 : 1;
}

/** Findings that `base` does not have. One that only stands in another line is the same. */
export function newFindings({ pass }: Planned, { findings }: Assessment): readonly Finding[] {
  const left = new Map<string, number>();
  for (const each of pass.assessment.findings) {
    const key = sameness(each);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  return findings.filter((each) => {
    const key = sameness(each);
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

function sameness({ level, rule, file, object, message }: Finding): string {
  return JSON.stringify([level, rule, file, object ?? '', message]);
}
