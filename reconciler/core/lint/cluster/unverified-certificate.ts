import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

export const unverifiedCertificate: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Whoever stands between can read and change what is sent where any certificate is taken.',
  example: {
    wrong: 'spec:\n  wekaHome: { endpoint: "https://home.example.com", allowInsecure: true }',
    right: 'spec:\n  wekaHome: { endpoint: "https://home.example.com", cacertSecret: home-ca }',
  },
  check: eachCluster(function* ({ wekaHome, telemetry }) {
    if (wekaHome?.allowInsecure === true) {
      yield {
        path: ['spec', 'wekaHome', 'allowInsecure'],
        message: 'Any certificate is taken for that of the address that the cluster reports to.',
        hint: 'Remove allowInsecure, and set cacertSecret to the secret with its CA.',
      };
    }
    for (const [index, { splunk }] of (telemetry?.exports ?? []).entries()) {
      if (splunk?.allowUnverifiedCertificate !== true) continue;
      yield {
        path: ['spec', 'telemetry', 'exports', index, 'splunk', 'allowUnverifiedCertificate'],
        message: 'Audit logs, and the token for them, go to whoever answers at the endpoint.',
        hint: 'Remove allowUnverifiedCertificate, and set caCertSecretRef to the CA.',
      };
    }
  }),
};
