import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { explain, ReconcilerError } from '../../../../reconciler/errors.ts';
import { selectContext } from '../../../../reconciler/world/kubeapi/kubeconfig.ts';

function aFile(path: string, content: object) {
  return { path, text: stringify({ apiVersion: 'v1', kind: 'Config', ...content }) };
}

function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ReconcilerError) return explain(error);
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

const production = aFile('/etc/kube/config', {
  clusters: [
    { name: 'east', cluster: { server: 'https://east:6443', 'certificate-authority': 'pki/ca.crt' } },
  ],
  users: [{ name: 'ops', user: { tokenFile: 'token', 'client-certificate': '/pki/ops.crt', username: 'o' } }],
  contexts: [{ name: 'production', context: { cluster: 'east', user: 'ops', namespace: 'weka' } }],
  'current-context': 'production',
});

describe('selectContext', () => {
  it('takes the current context, with paths relative to its file', () => {
    const { origin, namespace, cluster, user } = selectContext([production]);

    expect({ origin, namespace }).toEqual({
      origin: 'context "production" of /etc/kube/config',
      namespace: 'weka',
    });
    expect(cluster).toMatchObject({ server: 'https://east:6443', ca: { file: '/etc/kube/pki/ca.crt' } });
    expect(user).toMatchObject({ tokenFile: '/etc/kube/token', cert: { file: '/pki/ops.crt' } });
  });

  it('reads several files as one, where of two entries of one name the first counts', () => {
    const laptop = aFile('/home/config', {
      clusters: [{ name: 'east', cluster: { server: 'https://other:6443' } }],
      contexts: [{ name: 'staging', context: { cluster: 'east', user: 'ops' } }],
      'current-context': 'staging',
    });

    expect(selectContext([production, laptop]).cluster.server).toBe('https://east:6443');
    expect(selectContext([laptop, production]).cluster.server).toBe('https://other:6443');
    expect(selectContext([laptop, production]).user.tokenFile).toBe('/etc/kube/token');
  });

  it('prefers data to files, as kubectl does', () => {
    const file = aFile('/c', {
      clusters: [
        {
          name: 'a',
          cluster: {
            server: 'https://a',
            'certificate-authority': '/ca.crt',
            'certificate-authority-data': Buffer.from('PEM').toString('base64'),
          },
        },
      ],
      contexts: [{ name: 'a', context: { cluster: 'a' } }],
      'current-context': 'a',
    });
    expect(selectContext([file]).cluster.ca).toEqual({ text: 'PEM' });
  });

  it('reads whom to impersonate', () => {
    const file = aFile('/c', {
      clusters: [{ name: 'a', cluster: { server: 'https://a' } }],
      users: [
        {
          name: 'u',
          user: { as: 'jane', 'as-groups': ['a', 'b'], 'as-user-extra': { 'Acme/Scope': ['x'] } },
        },
      ],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'u' } }],
      'current-context': 'a',
    });
    expect(selectContext([file]).user.impersonate).toEqual({
      'impersonate-user': 'jane',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-acme%2Fscope': ['x'],
    });
  });

  it('names the nearest context when there is none of that name', () => {
    expect(complaint(() => selectContext([production], 'prodution'))).toBe(
      'KUBECONFIG: /etc/kube/config has no context "prodution".\n  hint: Did you mean "production"?',
    );
    expect(complaint(() => selectContext([production], 'qqq'))).toContain('hint: It has "production".');
  });

  it('asks for a context where none is current', () => {
    const file = aFile('/c', { contexts: [{ name: 'a', context: { cluster: 'a' } }] });
    expect(complaint(() => selectContext([file]))).toBe(
      'KUBECONFIG: /c sets no current-context.\n  hint: Choose one by --context: "a".',
    );
  });

  it('tells of a context whose cluster is not defined', () => {
    const file = aFile('/c', {
      clusters: [{ name: 'east', cluster: { server: 'https://east' } }],
      contexts: [{ name: 'a', context: { cluster: 'eats' } }],
      'current-context': 'a',
    });
    expect(complaint(() => selectContext([file]))).toBe(
      'KUBECONFIG: /c: context "a" names the cluster "eats", which is not defined.\n  hint: Did you mean "east"?',
    );
  });

  it('gives the place of a syntax error and quotes nothing of the file', () => {
    const text = 'users:\n- name: ops\n  user:\n    token: "s3cr3t\n';
    const said = complaint(() => selectContext([{ path: '/c', text }]));
    expect(said).toMatch(/^KUBECONFIG: \/c:\d+:\d+ is not valid YAML\.$/);
  });
});
