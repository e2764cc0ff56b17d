import { describeReference, type Reference } from '../lint/client/target-of.ts';
import { serviceAddress, withScheme } from '../lint/drivers/service-address.ts';
import type { DriverService } from './drivers.ts';

/** Where packages are served by what a manifest of `namespace` says; undefined for a text that is no address. */
export function driverService(text: string, namespace: string): DriverService | undefined {
  const meant = serviceAddress(text, namespace) === undefined ? withScheme(text, namespace) : text;
  const address = meant === undefined ? undefined : serviceAddress(meant, namespace);
  if (meant === undefined || address === undefined) return undefined;
  const { service, text: url, port } = address;
  if (service === undefined) return { key: plainUrl(url), url: plainUrl(url) };
  const scheme = /^http:/i.test(meant) ? 'http' : 'https';
  return {
    key: describeReference(service),
    url: `${scheme}://${serviceHost(service)}:${port}`,
    inCluster: service,
  };
}

/** A service that the repository makes itself, at the port and scheme that are the rule. */
export function ownService(reference: Reference, port: number): DriverService {
  return {
    key: describeReference(reference),
    url: `https://${serviceHost(reference)}:${port}`,
    inCluster: { namespace: reference.namespace, name: reference.name },
  };
}

/** The name by which a Service's certificate is issued. */
export function serviceHost({ namespace, name }: Reference): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

/** Whether packages can be had there over the network, which folders of a machine are not. */
export function isWebService({ url }: DriverService): boolean {
  return /^https?:/.test(url);
}

/** Without the port that the scheme has anyway. */
function plainUrl(url: string): string {
  return url.replace(/^(https:\/\/.*?):443(?=\/|$)/, '$1').replace(/^(http:\/\/.*?):80(?=\/|$)/, '$1');
}
