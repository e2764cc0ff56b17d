import type { WekaContainer } from '../../../schemas/weka-container.ts';
import { millis, units } from '../facts/amounts.ts';

/**
 * Half a core to two, and 3000 MB, unless a manifest says otherwise (weka-operator §2.3, drivers-*). Nothing may ask for more than its limit,
 * so that ours gives way where the manifest says only the other of the two.
 */
export function helperResources({
  requests = {},
  limits = {},
}: NonNullable<WekaContainer['spec']['resources']> = {}): object {
  const isAbove = (name: keyof typeof USUAL, least: unknown, most: unknown): boolean =>
    least !== undefined && most !== undefined && amount(name, least) > amount(name, most);
  const names = ['cpu', 'memory'] as const;
  const asked = names.filter((name) => !isAbove(name, USUAL[name].request, limits[name]));
  const capped = names.filter((name) => !isAbove(name, requests[name], USUAL[name].limit));
  return {
    requests: { ...Object.fromEntries(asked.map((name) => [name, USUAL[name].request])), ...requests },
    limits: { ...Object.fromEntries(capped.map((name) => [name, USUAL[name].limit])), ...limits },
  };
}

const USUAL = {
  cpu: { request: '500m', limit: '2000m' },
  memory: { request: '3000M', limit: '3000M' },
} as const;

function amount(name: keyof typeof USUAL, quantity: unknown): number {
  return name === 'cpu' ? millis(quantity) : units(quantity);
}
