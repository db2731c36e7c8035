/** The 4 or 16 bytes of an IP address. */
type AddressBytes = readonly number[]

const findIpv4 = (text: string): AddressBytes | undefined => {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) return undefined
  const bytes = text.split('.').map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : undefined
}

/** The 16-bit groups on one side of `::`, the last of which may be written as an IPv4 address. */
const groupsOf = (side: string): number[] | undefined => {
  if (side === '') return []
  const groups: number[] = []
  const parts = side.split(':')
  for (const [i, part] of parts.entries()) {
    const ipv4 = i === parts.length - 1 ? findIpv4(part) : undefined
    if (ipv4) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4
      groups.push(a * 256 + b, c * 256 + d)
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

const findIpv6 = (text: string): AddressBytes | undefined => {
  const sides = text.split('::')
  const [left = '', right] = sides
  const before = groupsOf(left)
  const after = right === undefined ? [] : groupsOf(right)
  if (sides.length > 2 || !before || !after) return undefined
  // An IPv4 address ends an IPv6 one, so it never stands before `::`.
  if (right !== undefined && left.includes('.')) return undefined
  const missing = 8 - before.length - after.length
  if (right === undefined ? missing !== 0 : missing < 1) return undefined
  return [...before, ...Array<number>(missing).fill(0), ...after].flatMap((group) => [
    group >> 8,
    group & 255,
  ])
}

/**
 * The bytes of an IP address: IPv4 as four decimals without leading zeros, IPv6 as in RFC 4291 §2.2 without brackets
 * or zone. Undefined for any other text.
 */
export const findAddress = (text: string): AddressBytes | undefined =>
  text.includes(':') ? findIpv6(text) : findIpv4(text)

interface Block {
  readonly network: AddressBytes
  readonly bits: number
}

const block = (cidr: string): Block => {
  const [address = '', bits] = cidr.split('/')
  const network = findAddress(address)
  if (!network) throw new Error(`not a block: ${cidr}`)
  return { network, bits: Number(bits) }
}

const isIn = (address: AddressBytes, { network, bits }: Block): boolean =>
  address.length === network.length &&
  network.every((byte, i) => {
    const rest = Math.max(0, Math.min(8, bits - 8 * i))
    return ((address[i] ?? 0) ^ byte) >> (8 - rest) === 0
  })

/** IANA IPv4 special-purpose registry, and what is no single host: multicast and the reserved class E. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
].map(block)

/** All that IANA gives out to hosts of the Internet lies here (RFC 4291 §2.4). */
const GLOBAL_UNICAST = block('2000::/3')

/** IANA IPv6 special-purpose registry within global unicast; 6to4 and Teredo carry an IPv4 address of anybody's. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'].map(block)

/**
 * Whether a text is the address of one host of the public Internet: not private, loopback, link-local, shared,
 * multicast, for documentation, nor an IPv6 address that stands for an IPv4 one. False for what is no address.
 * Source: RFC 6890 and the IANA special-purpose address registries.
 */
export const isPublicAddress = (text: string): boolean => {
  const address = findAddress(text)
  if (!address) return false
  return address.length === 4
    ? !SPECIAL_IPV4.some((special) => isIn(address, special))
    : isIn(address, GLOBAL_UNICAST) && !SPECIAL_IPV6.some((special) => isIn(address, special))
}
