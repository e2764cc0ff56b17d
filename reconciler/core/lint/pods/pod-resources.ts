import { record } from '../../kube/json.ts';
import { nanos } from '../../plan/quantity.ts';
import type { ValuePath } from '../../spec/source.ts';
import type { Spec } from '../../spec/spec.ts';
import type { SpecProblem, SpecRule, SpecSet } from '../spec-rule.ts';
import { isWritten, written } from '../written.ts';

/** What the API server checks of a container's resources (Kubernetes' validation of pods; weka-operator §2.3). */
export const podResources: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'The API server refuses a pod that requests more than its limit, so none would ever be made.',
  example: {
    wrong:
      'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n  resources: { requests: { cpu: 8 }, limits: { cpu: 4 } }',
    right:
      'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n  resources: { requests: { cpu: 4 }, limits: { cpu: 4 } }',
  },
  *check(set) {
    for (const { spec, path } of resourcesOf(set)) {
      for (const problem of faults(record(written(spec, ...path)))) {
        yield { spec, ...problem, path: [...path, ...problem.path], beside: [[...path, 'limits']] };
      }
    }
  },
};

/** Where manifests say what pods may use. */
function* resourcesOf({
  clients,
  containers,
  policies,
  operations,
}: SpecSet): Iterable<{ readonly spec: Spec; readonly path: readonly string[] }> {
  for (const spec of [...clients, ...containers]) {
    if (isWritten(spec, 'spec', 'resources')) yield { spec, path: ['spec', 'resources'] };
  }
  for (const spec of [...policies, ...operations]) {
    for (const path of [
      ['spec', 'payload', 'driverDistPayload', 'distResources'],
      ['spec', 'payload', 'configurationPayload', 'adhocPods', 'resources'],
    ]) {
      if (isWritten(spec, ...path)) yield { spec, path };
    }
  }
}

function* faults(resources: Readonly<Record<string, unknown>>): Iterable<Omit<SpecProblem, 'spec'>> {
  const limits = record(resources['limits']);
  for (const side of ['requests', 'limits'] as const) {
    for (const [name, amount] of Object.entries(record(resources[side]))) {
      const value = nanos(amount);
      if (value === undefined) continue;
      const path: ValuePath = [side, name];
      if (value < 0n) {
        yield {
          path,
          message: `The ${side === 'requests' ? 'request' : 'limit'} of ${String(amount)} for ${name} is less than nothing.`,
          hint: 'Remove the sign.',
        };
        continue;
      }
      const limit = side === 'requests' ? nanos(limits[name]) : undefined;
      if (limit === undefined) continue;
      const most = String(limits[name]);
      if (value > limit) {
        yield {
          path,
          message: `The request of ${String(amount)} for ${name} is above its limit of ${most}.`,
          hint: `Set requests.${name} to ${most} or less, or raise the limit.`,
        };
      } else if (value < limit && name.startsWith('hugepages-')) {
        yield {
          path,
          message: `The request of ${String(amount)} for ${name} is below its limit of ${most}, and huge pages are set aside whole.`,
          hint: 'Set both to the same.',
        };
      }
    }
  }
}
