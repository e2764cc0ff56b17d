import { isHost } from '../client/host-port.ts';

/** Where driver packages come from. */
export interface ServiceAddress {
  /** 0 where it is a folder. */
  readonly port: number;
  /** One spelling for all that lead to the same place. */
  readonly text: string;
  /** Set where it is a Service of this Kubernetes. */
  readonly service?: { readonly namespace: string; readonly name: string };
}

const IN_CLUSTER = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.[a-z0-9.-]+)?$/;

/** Packages in a folder of the machine itself (weka-operator §3.2). */
const FOLDER = /^file:\/\/\/\S+$/;

/**
 * The address that `driversDistService` names; undefined for a text that is none. A host of one word is a Service of
 * `namespace`, as every pod there reads it.
 */
export function serviceAddress(text: string, namespace: string): ServiceAddress | undefined {
  if (FOLDER.test(text)) return { port: 0, text: text.replace(/\/+$/, '') };
  if (!/^https?:\/\//i.test(text) || /\s/.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(text);
  const host = hostname.toLowerCase();
  if (!host.startsWith('[') && !isHost(host)) return undefined;
  const [, name, within] = IN_CLUSTER.exec(host) ?? (host.includes('.') ? [] : [host, host, namespace]);
  const service =
    name === undefined || within === undefined || host.startsWith('[')
      ? undefined
      : { namespace: within, name };
  const number = port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
  const place = service === undefined ? host : `${service.name}.${service.namespace}.svc`;
  return {
    port: number,
    text: `${protocol}//${place}:${number}${pathname.replace(/\/+$/, '')}`,
    ...(service === undefined ? {} : { service }),
  };
}

/** The address that a text without a scheme means; undefined where it means none. */
export function withScheme(text: string, namespace = 'NAMESPACE'): string | undefined {
  if (text.includes('://')) return undefined;
  // Services are at no such name, but guides shorten theirs to it.
  const meant = `https://${text.replace(/^([a-z0-9-]+)\.svc\.local(?=[:/]|$)/, `$1.${namespace}.svc.cluster.local`)}`;
  return serviceAddress(meant, namespace) && meant;
}
