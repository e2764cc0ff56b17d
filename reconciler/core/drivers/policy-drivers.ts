import { DISTRIBUTES } from '../desired/dist-services.ts';
import type { ObjectId } from '../kube/object.ts';
import type { Spec } from '../spec/spec.ts';
import { isChosenBy } from './builders.ts';
import type { PolicyDrivers } from './decision.ts';
import { knownKernel, type Situation } from './situation.ts';

/** What policies that distribute drivers are about, by their ids. A node's kernel is told where its agent says it. */
export function policyDrivers(situation: Situation): ReadonlyMap<ObjectId, PolicyDrivers> {
  const { set, builders, nodes, demands } = situation;
  const asked = [...demands.byNode.values()].flat();
  return new Map(
    set.policies.flatMap(({ id, policy: { spec } }) => {
      const service = builders.find((builder) => builder.id === id)?.service;
      if (spec.type !== DISTRIBUTES || service === undefined) return [];
      const { driverDistPayload: payload } = spec.payload;
      const images = asked.flatMap((demand) => (demand.service?.key === service ? [demand.image] : []));
      const about: PolicyDrivers = {
        service,
        images: [...new Set([...(payload?.ensureImages ?? []), ...images])].toSorted(),
        nodes: nodes
          .filter((node) => isChosenBy(payload, node))
          .map(({ name, osImage }) => {
            const kernel = knownKernel(situation, name);
            return {
              name,
              ...(kernel?.counts === true
                ? { kernel: kernel.kernel, architecture: kernel.architecture }
                : {}),
              ...(osImage === '' ? {} : { os: osImage }),
            };
          }),
      };
      return [[id, about] as const];
    }),
  );
}

/** Whether any manifest has to do with drivers of nodes. */
export function hasDriverSpecs(specs: readonly Spec[]): boolean {
  return specs.some(
    (spec) =>
      spec.kind === 'WekaCluster' ||
      spec.kind === 'WekaClient' ||
      (spec.kind === 'WekaPolicy' && spec.policy.spec.type === DISTRIBUTES) ||
      (spec.kind === 'WekaContainer' && spec.container.spec.mode === 'drivers-builder'),
  );
}
