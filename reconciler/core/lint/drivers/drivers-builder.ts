import { record } from '../../kube/json.ts';
import { imageVersion } from '../client/image-version.ts';
import { describeReference } from '../client/target-of.ts';
import { NodeIndex } from '../node-index.ts';
import type { Labels } from '../shared-nodes.ts';
import { objectLookup } from '../object-lookup.ts';
import type { SpecOf, SpecRule } from '../spec-rule.ts';
import { DRIVERS_PATH, driversUsers } from './drivers-users.ts';
import { podLabels } from './pod-labels.ts';

/**
 * A service made of manifests serves what builders give it; one that a policy makes sees to its builders itself
 * (weka-operator §3.1, §3.4).
 */
export const driversBuilder: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A distribution service has only what builders make for it, and what a registry has ready.',
  example: {
    wrong:
      'kind: WekaContainer\nmetadata: { name: dist, labels: { app: dist } }\nspec: { mode: drivers-dist }\n---\nkind: Service\nmetadata: { name: dist }\nspec:\n  selector: { app: dist }\n  ports: [{ port: 60002 }]\n---\nkind: WekaCluster\nspec:\n  driversDistService: https://dist.weka.svc.cluster.local:60002',
    right:
      'kind: WekaContainer\nmetadata: { name: dist, labels: { app: dist } }\nspec: { mode: drivers-dist }\n---\nkind: Service\nmetadata: { name: dist }\nspec:\n  selector: { app: dist }\n  ports: [{ port: 60002 }]\n---\nkind: WekaContainer\nmetadata: { name: builder }\nspec: { mode: drivers-builder, uploadResultsTo: dist }\n---\nkind: WekaCluster\nspec:\n  driversDistService: https://dist.weka.svc.cluster.local:60002',
  },
  *check(set) {
    const find = objectLookup(set, 'Service');
    const builders = Map.groupBy(set.containers.filter(isBuilder), ({ container: { metadata, spec } }) =>
      describeReference({ namespace: metadata.namespace, name: spec.uploadResultsTo ?? '' }),
    );
    const distributing = new Map(
      [...Map.groupBy(set.containers, ({ container }) => container.metadata.namespace)].map(
        ([namespace, all]) => [
          namespace,
          new NodeIndex(
            all.filter((spec) => !isBuilder(spec)),
            podLabels,
          ),
        ],
      ),
    );
    for (const { spec, address, image } of driversUsers(set)) {
      if (spec.kind === 'WekaContainer' || address?.service === undefined) continue;
      const { namespace, name } = address.service;
      const service = find(address.service);
      const version = imageVersion(image);
      if (service === undefined || version === undefined) continue;
      const selector = record(record(service.manifest['spec'])['selector']) as Labels;
      const containers =
        Object.keys(selector).length === 0 ? [] : distributing.get(namespace)?.within(selector);
      const served = [...(containers ?? [])].map(({ container }) => container.metadata.name);
      if (served.length === 0) continue;
      const built = versionsOf(
        [name, ...served].flatMap((each) => builders.get(describeReference({ namespace, name: each })) ?? []),
      );
      if (built.has(version.tag) || built.has(version.number)) continue;
      const others = [...built].toSorted();
      yield {
        spec,
        path: DRIVERS_PATH,
        message: `No builder makes drivers of ${version.tag} for Service ${describeReference(address.service)} (${service.source}), ${others.length === 0 ? 'and none of any version' : `only of ${others.join(', ')}`}.`,
        hint: `Add a WekaContainer of mode drivers-builder with this image and uploadResultsTo: ${served[0]}, unless ${set.settings.drivers.registry} has these drivers.`,
      };
    }
  },
};

type Container = SpecOf<'WekaContainer'>;

function isBuilder({ container }: Container): boolean {
  return container.spec.mode === 'drivers-builder';
}

/** Versions, by tag or by number, that builders make. */
function versionsOf(builders: readonly Container[]): ReadonlySet<string> {
  return new Set(
    builders.flatMap(({ container: { spec } }) => {
      const version = spec.builder?.weka_version ?? imageVersion(spec.image)?.tag;
      return version === undefined ? [] : [version];
    }),
  );
}
