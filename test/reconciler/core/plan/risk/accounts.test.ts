import { describe, expect, it } from 'vitest';
import { aDeployment, anObject, applied, createdBy } from '../../../../support/objects.ts';
import { gained, planned, plannedRisks } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const ADMIN = ['Deployment weka/web: ServiceAccount weka/admin'];
const account = (name: string) => anObject('v1/ServiceAccount', name);
const runsAs = (serviceAccountName: string, rest: Json = {}) =>
  aDeployment('web', { serviceAccountName, ...rest });
const projected = (...sources: readonly Json[]) => ({
  automountServiceAccountToken: false,
  volumes: [{ name: 'v', projected: { sources } }],
});

describe('service accounts of pods', () => {
  it('count where the repository does not describe them', () => {
    expect(gained(runsAs('admin'))).toEqual(ADMIN);
    expect(gained(runsAs('admin'), runsAs('agent'))).toEqual(ADMIN);
    expect(gained(aDeployment('web', { serviceAccount: 'admin' }))).toEqual(ADMIN);
    expect(gained(runsAs('', { serviceAccount: 'admin' }))).toEqual(ADMIN);
  });

  it('do not where they are described, were there before, or give no token', () => {
    expect(plannedRisks([runsAs('agent'), account('agent')])).toEqual([]);
    expect(plannedRisks([runsAs('agent'), account('agent')], [applied(account('agent'))])).toEqual([]);
    expect(gained(runsAs('admin', { hostNetwork: false }), runsAs('admin'))).toEqual([]);
    expect(gained(runsAs('admin', { automountServiceAccountToken: false }))).toEqual([]);
    expect(gained(runsAs('default'))).toEqual([]);
    // The API server keeps both fields alike.
    const both = runsAs('admin', { serviceAccount: 'admin' });
    expect(gained(aDeployment('web', { serviceAccount: 'admin', hostNetwork: false }), both)).toEqual([]);
  });

  it('count for a pod without the usual token, where a volume proves that it runs as one', () => {
    const silent = runsAs('admin', { automountServiceAccountToken: false });
    for (const source of [
      { serviceAccountToken: { path: 'token' } },
      { podCertificate: { keyType: 'ED25519' } },
    ]) {
      expect(gained(runsAs('admin', projected(source)))).toEqual(ADMIN);
      expect(gained(runsAs('admin', projected(source)), silent)).toEqual(ADMIN);
    }
    expect(gained(runsAs('admin', projected({ configMap: { name: 'a' } })))).toEqual([]);
  });

  it('are not described by a manifest of an account that another made', () => {
    const theirs = createdBy(
      'helm',
      anObject('v1/ServiceAccount', 'admin', { imagePullSecrets: [{ name: 'a' }] }),
    );
    const risks = plannedRisks([runsAs('admin'), account('admin')], [theirs]);
    expect(risks).toContain(`privilege: ${ADMIN[0]}`);
    // Were the account taken first, without a word, the next commit could use it.
    expect(risks).toContain('privilege: ServiceAccount weka/admin');
    expect(plannedRisks([account('default')], [createdBy('controller', account('default'))])).not.toContain(
      'privilege: ServiceAccount weka/default',
    );
  });
});

describe('a Secret', () => {
  const token = (name: string, type = 'kubernetes.io/service-account-token') =>
    anObject('v1/Secret', 'token', {
      type,
      metadata: { annotations: { 'kubernetes.io/service-account.name': name } },
    });

  it('gives rights where it is given the token of an account', () => {
    const words = ['Secret weka/token: ServiceAccount weka/admin'];
    expect(gained(token('admin'))).toEqual(words);
    expect(gained(token('admin'), token('agent'))).toEqual(words);
  });

  it('gives none where it had the token, or holds something else', () => {
    const labelled = { ...token('admin'), metadata: { ...token('admin').metadata, labels: { a: 'b' } } };
    expect(planned([labelled], [applied(token('admin'))]).map(({ op }) => op)).toEqual(['update']);
    expect(gained(labelled, token('admin'))).toEqual([]);
    expect(gained(token('admin', 'Opaque'))).toEqual([]);
  });
});
