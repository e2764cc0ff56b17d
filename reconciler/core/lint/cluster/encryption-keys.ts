import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

export const encryptionKeys: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A cluster has one place for the key of its filesystems; with two, nobody knows where it is.',
  example: {
    wrong:
      'spec:\n  encryption:\n    vault: { address: "https://vault.example.com:8200", role: weka }\n    internal: { enabled: true }',
    right: 'spec:\n  encryption:\n    vault: { address: "https://vault.example.com:8200", role: weka }',
  },
  check: eachCluster(function* ({ encryption }) {
    if (encryption?.vault === undefined || encryption.internal?.enabled !== true) return;
    yield {
      path: ['spec', 'encryption', 'internal', 'enabled'],
      message: 'The key is kept by a Vault, and by the cluster itself.',
      hint: 'Remove encryption.internal, or encryption.vault in a trial.',
    };
  }),
};
