import { BlockList, isIP, isIPv4 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findAddress, isPublicAddress } from './addresses.ts'

/** One address or two of each row of the IANA registries, written in the forms that resolvers and URLs give. */
const NOT_PUBLIC = [
  ...['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255'],
  ...['127.0.0.1', '127.255.255.255', '169.254.0.1', '169.254.169.254', '172.16.0.0', '172.31.255.255'],
  ...['192.0.0.1', '192.0.0.170', '192.0.2.1', '192.31.196.1', '192.52.193.1', '192.88.99.1', '192.168.0.1'],
  ...['192.168.255.255', '192.175.48.1', '198.18.0.0', '198.19.255.255', '198.51.100.1', '203.0.113.255'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::a00:1'],
  ...['64:ff9b:1::1', '100::1', '100:0:0:1::1', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ...['2001:1::1', '2001:2::1', '2001:3::1', '2001:4:112::1', '2001:20::1', '2001:30::1', '2001:1ff:ffff::'],
  ...['2001:db8::1', '2001:DB8:ffff::', '2002:7f00:1::', '2002:a00:1::1', '2620:4f:8000::1', '3fff::1'],
  ...['3fff:fff:ffff::', '5f00::1', 'fc00::1', 'fd12:3456:789a::1', 'fdff:ffff::1', 'fe80::1', 'febf::1'],
  ...['fec0::1', 'ff02::1', 'ff0e::1', 'FE80::1'],
]

const PUBLIC = [
  ...['1.0.0.0', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...[
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.1',
    '192.0.3.0',
  ],
  ...['192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '203.0.112.1', '223.255.255.255'],
  ...['2001:200::1', '2001:4860:4860::8888', '2001:db7:ffff::1', '2001:db9::', '2003::1', '2a01:e0a::1'],
  ...['2606:4700:4700::1111', '2620:4f:7fff::1', '3ffe::1', '3fff:1000::1', '2A00:1450:4007:80F::200E'],
]

const NO_ADDRESS = [
  ...[
    '',
    ' ',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '0x7f.1',
    '2130706433',
    '1.2.3.4 ',
  ],
  ...[':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '::12345', '::g', '[::1]', 'fe80::1%eth0'],
  ...['::1.2.3', '1.2.3.4::', '2001:4860:4860::8888/64', '1:2:3:4:5:6:7:1.2.3.4', ':1:2:3:4:5:6:7', '1::2:'],
]

describe('[HOOK-3] addresses of the public Internet', () => {
  it('[HOOK-3] are none of the special-purpose registries, at either edge of each block', () => {
    for (const text of NOT_PUBLIC) expect([text, isPublicAddress(text)]).toEqual([text, false])
    for (const text of PUBLIC) expect([text, isPublicAddress(text)]).toEqual([text, true])
  })

  it('[HOOK-3] what is no address is not public', () => {
    for (const text of NO_ADDRESS) {
      expect([text, findAddress(text)]).toEqual([text, undefined])
      expect(isPublicAddress(text)).toBe(false)
    }
  })

  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 224, 255))
  const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'))
  const group = fc.oneof(
    fc.nat(0xffff).map((number) => number.toString(16)),
    fc.constantFrom('0', '1', '2001', '2002', 'db8', 'fe80', 'fc00', 'ffff', '3fff', '64', 'ff9b'),
  )
  const groups = (most: number) => fc.array(group, { maxLength: most }).map((list) => list.join(':'))
  const ipv6 = fc.oneof(
    fc.array(group, { minLength: 8, maxLength: 8 }).map((list) => list.join(':')),
    fc.tuple(groups(4), groups(3)).map(([left, right]) => `${left}::${right}`),
    fc.tuple(groups(3), ipv4).map(([left, right]) => `${left}::${right}`),
    fc.tuple(groups(5), groups(5)).map(([left, right]) => `${left}::${right}`),
  )

  it('[HOOK-3] a text is an address exactly when Node says so', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6, fc.stringMatching(/^[0-9a-f:.]{1,24}$/)), (text) => {
        expect(findAddress(text)?.length ?? 0).toBe({ 0: 0, 4: 4, 6: 16 }[isIP(text) as 0 | 4 | 6])
      }),
      { seed: 31, numRuns: 5_000 },
    )
  })

  it('[HOOK-3] blocks are cut as Node cuts them', () => {
    // Two lists: Node takes an IPv4 address for the IPv6 one that maps it, which the second refuses.
    const special = { ipv4: new BlockList(), ipv6: new BlockList() }
    for (const cidr of ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'])
      add(cidr)
    for (const cidr of ['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24']) add(cidr)
    for (const cidr of ['192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24']) add(cidr)
    for (const cidr of ['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3']) add(cidr)
    for (const cidr of ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16']) add(cidr)
    for (const cidr of ['2620:4f:8000::/48', '3fff::/20']) add(cidr)
    function add(cidr: string) {
      const [network = '', bits] = cidr.split('/')
      const family = isIPv4(network) ? 'ipv4' : 'ipv6'
      special[family].addSubnet(network, Number(bits), family)
    }
    const verdicts = new Set<boolean>()
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), (text) => {
        fc.pre(isIP(text) !== 0)
        const family = isIPv4(text) ? 'ipv4' : 'ipv6'
        const expected = !special[family].check(text, family)
        verdicts.add(expected)
        expect([text, isPublicAddress(text)]).toEqual([text, expected])
      }),
      { seed: 32, numRuns: 5_000 },
    )
    expect(verdicts.size).toBe(2)
  })
})
