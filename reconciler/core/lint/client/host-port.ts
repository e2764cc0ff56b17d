const HIGHEST_PORT = 65_535;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Why a text is no `HOST:PORT`, to follow its name; undefined where it is one. */
export function hostPortFault(text: string): string | undefined {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text) ?? [];
  if (inBrackets === undefined && plain === undefined) {
    return isIpv6(text) ? 'is an IPv6 address, which needs brackets before its port' : 'is no address';
  }
  if (inBrackets !== undefined && !isIpv6(inBrackets)) return 'has no IPv6 address in its brackets';
  if (plain !== undefined && !isHost(plain)) return 'names no host';
  if (port === undefined || port === '') return 'names no port';
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= HIGHEST_PORT;
  return isPort ? undefined : `names no port from 1 to ${HIGHEST_PORT}`;
}

/** Whether a text is the name of a host, or an IPv4 address. */
export function isHost(text: string): boolean {
  if (/^[\d.]+$/.test(text)) {
    const parts = text.split('.');
    return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  }
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label));
}

function isIpv6(text: string): boolean {
  return text.includes(':') && URL.canParse(`http://[${text}]/`);
}
