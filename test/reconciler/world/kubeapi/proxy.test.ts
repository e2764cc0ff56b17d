import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../../reconciler/world/kubeapi/proxy.ts';

const env = { HTTPS_PROXY: 'http://proxy:3128' };
const proxied = (server: string, noProxy?: string): boolean =>
  proxyFor(new URL(server), undefined, {
    ...env,
    ...(noProxy === undefined ? {} : { NO_PROXY: noProxy }),
  }) !== undefined;

describe('proxyFor', () => {
  it('takes the proxy of the kubeconfig before that of the environment', () => {
    expect(proxyFor(new URL('https://api'), 'http://own:8080', env)?.host).toBe('own:8080');
    expect(proxyFor(new URL('https://api'), undefined, env)?.host).toBe('proxy:3128');
    expect(proxyFor(new URL('https://api'), undefined, { https_proxy: 'proxy:3128' })?.host).toBe(
      'proxy:3128',
    );
    expect(proxyFor(new URL('https://api'), undefined, {})).toBeUndefined();
  });

  it('never takes one to this machine', () => {
    expect(proxied('https://localhost:6443')).toBe(false);
    expect(proxied('https://127.0.0.1:6443')).toBe(false);
    expect(proxied('https://[::1]:6443')).toBe(false);
  });

  it.each([
    ['*', false],
    ['api.example.com', false],
    ['example.com', false],
    ['.example.com', false],
    ['other.com, .example.com', false],
    ['api.example.com:6443', false],
    ['api.example.com:443', true],
    ['ample.com', true],
    ['.api.example.com', true],
    ['', true],
  ])('of https://api.example.com:6443 with NO_PROXY=%s says %s', (list, expected) => {
    expect(proxied('https://api.example.com:6443', list)).toBe(expected);
  });

  it.each([
    ['10.0.0.0/8', false],
    ['10.1.2.3', false],
    ['192.168.0.0/16', true],
    ['10.0.0.0/99', true],
    ['fd00::/8', true],
  ])('of https://10.1.2.3 with NO_PROXY=%s says %s', (list, expected) => {
    expect(proxied('https://10.1.2.3', list)).toBe(expected);
  });

  it('refuses a SOCKS proxy and repeats no password', () => {
    const refused = () => proxyFor(new URL('https://api'), 'socks5://me:s3cr3t@proxy:1080', {});
    expect(refused).toThrow(
      'proxy-url of the kubeconfig names a proxy of the kind socks5, which is not supported.',
    );
  });
});
