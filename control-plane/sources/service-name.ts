/** What a service may be called: it stands in `xds:///NAME`, metrics and command lines. */
export const serviceNamePattern = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/

/** What is wrong with a name that `serviceNamePattern` refuses. */
export const serviceNameRule = 'a service name has 1 to 253 letters, digits, dots, dashes and underscores'
