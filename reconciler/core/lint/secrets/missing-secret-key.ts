import { record } from '../../kube/json.ts';
import { describeReference } from '../client/target-of.ts';
import { objectLookup } from '../object-lookup.ts';
import type { SpecRule } from '../spec-rule.ts';
import { writtenReferences } from '../references/written-references.ts';

/** Keys of the Secrets that clusters and clients are given (weka-operator §1.1, §2.1). */
export const missingSecretKey: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A Secret without the key that is looked for in it is as good as none.',
  example: {
    wrong:
      'kind: Secret\nmetadata: { name: splunk }\ntype: Opaque\ndata: { hec: "" }\n---\nkind: WekaCluster\nspec:\n  telemetry:\n    exports:\n      - name: siem\n        sources: [audit]\n        splunk: { endpoint: "https://splunk.example.com:8088", authTokenSecretRef: splunk.token }',
    right:
      'kind: Secret\nmetadata: { name: splunk }\ntype: Opaque\ndata: { token: "" }\n---\nkind: WekaCluster\nspec:\n  telemetry:\n    exports:\n      - name: siem\n        sources: [audit]\n        splunk: { endpoint: "https://splunk.example.com:8088", authTokenSecretRef: splunk.token }',
  },
  *check(set) {
    const find = objectLookup(set, 'Secret');
    for (const reference of writtenReferences(set, 'Secret')) {
      const { spec, keys = [] } = reference;
      if (keys.length === 0) continue;
      const secret = find(reference);
      if (secret === undefined) continue;
      const { data, stringData } = secret.manifest;
      const has = new Set([...Object.keys(record(data)), ...Object.keys(record(stringData))]);
      const lacks = keys.filter((any) => !any.some((key) => has.has(key)));
      if (lacks.length === 0) continue;
      const names = lacks.map(([key]) => key).join(', ');
      yield {
        spec,
        path: reference.path,
        message: `Secret ${describeReference(reference)} (${secret.source}) has no key ${names}.`,
        hint: `Add ${names} to the Secret, or name another one.`,
      };
    }
  },
};
