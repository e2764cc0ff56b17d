import { record } from '../../kube/json.ts';
import { imageVersion } from '../client/image-version.ts';
import { describeReference } from '../client/target-of.ts';
import type { SpecOf, SpecRule } from '../spec-rule.ts';
import { DRIVERS_PATH, driversUsers } from './drivers-users.ts';
import { serviceLookup } from './service-lookup.ts';

/**
 * A service made of manifests serves what builders give it; one that a policy makes sees to its builders itself
 * (weka-operator §3.1, §3.4).
 */
export const driversBuilder: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A distribution service has packages only of versions that a builder was made for.',
  example: {
    wrong:
      'kind: WekaContainer\nmetadata: { name: dist, labels: { app: dist } }\nspec: { mode: drivers-dist }\n---\nkind: Service\nmetadata: { name: dist }\nspec:\n  selector: { app: dist }\n  ports: [{ port: 60002 }]\n---\nkind: WekaCluster\nspec:\n  driversDistService: https://dist.weka.svc.cluster.local:60002',
    right:
      'kind: WekaContainer\nmetadata: { name: dist, labels: { app: dist } }\nspec: { mode: drivers-dist }\n---\nkind: Service\nmetadata: { name: dist }\nspec:\n  selector: { app: dist }\n  ports: [{ port: 60002 }]\n---\nkind: WekaContainer\nmetadata: { name: builder }\nspec: { mode: drivers-builder, uploadResultsTo: dist }\n---\nkind: WekaCluster\nspec:\n  driversDistService: https://dist.weka.svc.cluster.local:60002',
  },
  *check(set) {
    const find = serviceLookup(set);
    const byNamespace = Map.groupBy(set.containers, ({ container }) => container.metadata.namespace);
    for (const { spec, address, image } of driversUsers(set)) {
      if (spec.kind === 'WekaContainer' || address?.service === undefined) continue;
      const { namespace, name } = address.service;
      const service = find(address.service);
      const version = imageVersion(image);
      if (service === undefined || version === undefined) continue;
      const containers = byNamespace.get(namespace) ?? [];
      const served = containersBehind(containers, service);
      if (served.length === 0) continue;
      const built = versionsFor(containers, [name, ...served]);
      if (built.has(version.tag) || built.has(version.number)) continue;
      const others = [...built].toSorted();
      yield {
        spec,
        path: DRIVERS_PATH,
        message: `No builder makes drivers of ${version.tag} for Service ${describeReference(address.service)} (${service.source}), ${others.length === 0 ? 'and none of any version' : `only of ${others.join(', ')}`}.`,
        hint: `Add a WekaContainer of mode drivers-builder with this image and uploadResultsTo: ${served[0]}.`,
      };
    }
  },
};

type Containers = readonly SpecOf<'WekaContainer'>[];

/** Names of the distribution containers, of the namespace of a Service, that it leads to. */
function containersBehind(containers: Containers, { manifest }: SpecOf<'object'>): readonly string[] {
  const selector = Object.entries(record(record(manifest['spec'])['selector']));
  if (selector.length === 0) return [];
  return containers
    .filter(({ container: { metadata, spec } }) => {
      const labels: Readonly<Record<string, string>> = { app: 'weka', ...metadata.labels };
      return spec.mode !== 'drivers-builder' && selector.every(([label, value]) => labels[label] === value);
    })
    .map(({ container }) => container.metadata.name);
}

/** Versions, by tag or by number, that builders give to any of these. */
function versionsFor(containers: Containers, targets: readonly string[]): ReadonlySet<string> {
  return new Set(
    containers.flatMap(({ container: { spec } }) => {
      const gives = spec.uploadResultsTo;
      if (spec.mode !== 'drivers-builder' || gives === undefined || !targets.includes(gives)) return [];
      const version = spec.builder?.weka_version ?? imageVersion(spec.image)?.tag;
      return version === undefined ? [] : [version];
    }),
  );
}
