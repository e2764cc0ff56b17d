import { stringify } from 'yaml';
import type { Identity } from './certificates.ts';

/** How a client proves who it is. */
export type Credential = Identity | { readonly token: string };

export interface KubeconfigOptions {
  readonly server: string;
  /** Certificate of the authority that vouches for the server, as PEM. */
  readonly authority: string;
  readonly user: string;
  readonly credential: Credential;
  readonly namespace?: string | undefined;
}

/** The text of a kubeconfig that needs no other file. */
export function kubeconfig({ server, authority, user, credential, namespace }: KubeconfigOptions): string {
  const name = 'weka-gitops';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name: user,
        user:
          'token' in credential
            ? { token: credential.token }
            : {
                'client-certificate-data': base64(credential.certificate),
                'client-key-data': base64(credential.key),
              },
      },
    ],
    contexts: [{ name, context: { cluster: name, user, ...(namespace && { namespace }) } }],
    'current-context': name,
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
