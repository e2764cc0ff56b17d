import { z } from 'zod';

const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `(${BYTE}\\.){3}${BYTE}`;
/** Groups of digits and colons; that there are eight, or `::` once, is for whoever uses the address to say. */
const IPV6 = '[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7}';
const SUBNET = `${IPV4}/(3[0-2]|[12]?[0-9])|${IPV6}/(12[0-8]|1[01][0-9]|[1-9]?[0-9])`;
const URL = '[hH][tT][tT][pP][sS]?://[^\\s/?#]+([/?#]\\S*)?';

const SUBNET_FORM = 'must be a subnet such as 192.168.10.0/24';
const URL_FORM = 'must be an address such as https://host.example.com:8443';

/** A subnet: an address, and how many of its bits are the same in all of its addresses. */
export const Cidr = text(`^(${SUBNET})$`, SUBNET_FORM);

/** A subnet, or the empty text that exported manifests have for none. */
export const OptionalCidr = text(`^(${SUBNET})?$`, SUBNET_FORM);

/** An IP address, or an empty text for none. */
export const OptionalIp = text(`^(${IPV4}|${IPV6})?$`, 'must be an IP address such as 192.168.10.1');

/** An address that is asked by HTTP. */
export const HttpUrl = text(`^${URL}$`, URL_FORM);

/** The same, or an empty text for none. */
export const OptionalHttpUrl = text(`^(${URL})?$`, URL_FORM);

function text(pattern: string, form: string) {
  return z.string().regex(new RegExp(pattern), form);
}
