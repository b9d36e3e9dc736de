/** Families of addresses: one of them, or IPv4 where there is any and else IPv6, so that no replica counts twice. */
export type AddressType = 'ipv4' | 'ipv6' | 'any'
