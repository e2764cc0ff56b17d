import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

/** What a cluster can export (weka-operator §1.1). */
const SOURCES: readonly string[] = ['audit'];

/** Exports as the operator reads them: a sink each, names that differ, secrets as NAME.KEY (weka-operator §1.1, §2.8). */
export const telemetryExports: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'An export without a place to go, or with a name that another has, exports nothing.',
  example: {
    wrong: 'spec:\n  telemetry:\n    exports: [{ name: siem, sources: [audit] }]',
    right:
      'spec:\n  telemetry:\n    exports:\n      - name: siem\n        sources: [audit]\n        splunk: { endpoint: "https://splunk.example.com:8088", authTokenSecretRef: splunk.token }',
  },
  check: eachCluster(function* ({ telemetry }) {
    const names = new Set<string>();
    for (const [index, { name, sources, splunk }] of (telemetry?.exports ?? []).entries()) {
      const path = ['spec', 'telemetry', 'exports', index];
      if (names.has(name)) {
        yield {
          path: [...path, 'name'],
          message: `There are two exports ${quoted(name)}.`,
          hint: 'Give each export a name of its own.',
        };
      }
      names.add(name);
      if (sources.length === 0) {
        yield {
          path: [...path, 'sources'],
          message: `Export ${quoted(name)} has no source, so it exports nothing.`,
          hint: 'Set sources to [audit].',
        };
      }
      for (const [at, source] of sources.entries()) {
        if (SOURCES.includes(source)) continue;
        yield {
          path: [...path, 'sources', at],
          message: `There is no source ${quoted(source)}; what can be exported is ${SOURCES.join(', ')}.`,
          hint: `Write ${SOURCES.join(' or ')}.`,
        };
      }
      if (splunk === undefined) {
        yield {
          path,
          message: `Export ${quoted(name)} has no place to go.`,
          hint: 'Set splunk, with the endpoint and the secret of its HTTP event collector.',
        };
        continue;
      }
      for (const field of ['authTokenSecretRef', 'caCertSecretRef'] as const) {
        const reference = splunk[field];
        if (reference === undefined || /^[^.].*\.[^.]+$/.test(reference)) continue;
        yield {
          path: [...path, 'splunk', field],
          message: `${quoted(reference)} names a secret and no key in it.`,
          hint: 'Write NAME.KEY; it is split at the last dot.',
        };
      }
      if (splunk.caCertSecretRef !== undefined && splunk.verifyWithClusterCACert === true) {
        yield {
          path: [...path, 'splunk', 'caCertSecretRef'],
          at: 'name',
          message: 'The certificate is checked with a CA of its own, and with the cluster’s.',
          hint: 'Remove caCertSecretRef or verifyWithClusterCACert.',
        };
      }
    }
  }),
};
