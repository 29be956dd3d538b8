/** IPv4 as four bytes, IPv6 as sixteen. */
type Address = readonly number[];

export interface AddressRange {
  readonly address: Address;
  readonly prefix: number;
}

const MAPPED_PREFIX: Address = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function parseV4(text: string): Address | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

function groupBytes(text: string): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [at, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    // RFC 4291, section 2.2, form 3: the last four bytes in IPv4's notation.
    const v4 = at === groups.length - 1 ? parseV4(group) : null;
    if (v4 === null) return null;
    bytes.push(...v4);
  }
  return bytes;
}

function parseV6(text: string): Address | null {
  const gap = text.indexOf('::');
  if (gap === -1) {
    const bytes = groupBytes(text);
    return bytes?.length === 16 ? bytes : null;
  }
  // IPv4's notation stands only at the very end.
  const head = text.slice(0, gap).includes('.') ? null : groupBytes(text.slice(0, gap));
  const tail = groupBytes(text.slice(gap + 2));
  if (head === null || tail === null || head.length + tail.length > 14) return null;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

function isMapped(address: Address): boolean {
  return address.length === 16 && MAPPED_PREFIX.every((byte, at) => byte === address[at]);
}

/** An address; an IPv4-mapped IPv6 address (`::ffff:192.0.2.1`, as dual-stack sockets report it) is the IPv4 address. */
export function parseAddress(text: string): Address | null {
  const address = text.includes(':') ? parseV6(text) : parseV4(text);
  return address !== null && isMapped(address) ? address.slice(12) : address;
}

/** CIDR notation; without a prefix length the range is that one address. */
export function parseRange(text: string): AddressRange | null {
  const [addressText = '', prefixText, ...more] = text.split('/');
  const address = addressText.includes(':') ? parseV6(addressText) : parseV4(addressText);
  if (address === null || more.length > 0) return null;
  const bits = address.length * 8;
  if (prefixText !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(prefixText)) return null;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return null;
  return isMapped(address) && prefix >= 96 ? { address: address.slice(12), prefix: prefix - 96 } : { address, prefix };
}

export function contains({ address: network, prefix }: AddressRange, address: Address): boolean {
  if (network.length !== address.length) return false;
  const whole = prefix >> 3;
  for (let at = 0; at < whole; at++) if (network[at] !== address[at]) return false;
  const mask = (0xff00 >> (prefix & 7)) & 0xff;
  return mask === 0 || ((network[whole] ?? 0) & mask) === ((address[whole] ?? 0) & mask);
}
