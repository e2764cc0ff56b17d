import { isWritten } from '../written.ts';
import type { SpecProblem, SpecRule } from '../spec-rule.ts';
import { clusterLookup, describeReference, targetOf } from '../client/target-of.ts';

/**
 * The path of the CA is set for the whole cluster, and every machine that joins needs the file at it (weka-operator §2.8:
 * WEKA home, client_wekahome_cacert_unverifiable).
 */
export const wekaHomeCa: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A CA has an effect only beside an endpoint of your own, and then every machine that reports there needs it, clients too.',
  example: {
    wrong: 'spec:\n  wekaHome: { cacertSecret: weka-home-ca }',
    right: 'spec:\n  wekaHome: { endpoint: "https://home.example.com", cacertSecret: weka-home-ca }',
  },
  *check({ clusters, clients }) {
    const path = ['spec', 'wekaHome', 'cacertSecret'];
    for (const spec of clusters) {
      const { wekaHome } = spec.cluster.spec;
      if (!wekaHome?.cacertSecret) continue;
      const why = unused(spec, wekaHome);
      if (why === undefined) continue;
      yield { spec, path, ...why };
    }
    const find = clusterLookup({ clusters });
    for (const spec of clients) {
      const cluster = find(targetOf(spec.client.spec));
      if (cluster === undefined) continue;
      const own = spec.client.spec.wekaHome?.cacertSecret;
      const theirs = cluster.cluster.spec.wekaHome?.cacertSecret;
      const name = `cluster ${describeReference(cluster.cluster.metadata)} (${cluster.source})`;
      if (own && !theirs) {
        yield {
          spec,
          path,
          message: `Clients have a CA of WEKA home, and ${name} checks nothing with one.`,
          hint: 'Set wekaHome.cacertSecret of the cluster too, or remove it here.',
        };
      } else if (theirs && !own) {
        yield {
          spec,
          path: ['spec'],
          at: 'name',
          message: `Clients have no CA of WEKA home, and ${name} makes every machine check with one.`,
          hint: 'Set wekaHome.cacertSecret to a secret in the namespace of the clients.',
        };
      }
    }
  },
};

function unused(
  spec: SpecProblem['spec'],
  home: { readonly endpoint: string; readonly allowInsecure: boolean },
): Pick<SpecProblem, 'message' | 'hint'> | undefined {
  if (!isWritten(spec, 'spec', 'wekaHome', 'endpoint')) {
    return {
      message:
        'The CA is of no address of your own: without endpoint, the cluster reports to https://api.home.weka.io.',
      hint: 'Set wekaHome.endpoint, or remove cacertSecret.',
    };
  }
  if (home.allowInsecure) {
    return {
      message: 'Nothing is checked with the CA, since allowInsecure takes any certificate.',
      hint: 'Remove allowInsecure.',
    };
  }
  if (/^http:/i.test(home.endpoint)) {
    return {
      message: 'Nothing is checked with the CA, since endpoint is an address without TLS.',
      hint: 'Write endpoint with https://.',
    };
  }
  return undefined;
}
