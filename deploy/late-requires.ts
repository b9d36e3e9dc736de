import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

const early = 'const google_auth_library_1 = require("google-auth-library");'

/**
 * Has grpc-js-xds load google-auth-library when a bootstrap asks for credentials of Google, and not with itself: that is half of what it
 * loads, with a warning of Node for a module of it that is deprecated.
 */
export const lateRequires: Plugin = {
  name: 'late-requires',
  setup: (build) => {
    build.onLoad({ filter: /\/grpc-js-xds\/build\/src\/google-default-credentials\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!text.includes(early))
        throw new Error(`${path} has no line \`${early}\`; see whether it is still needed late`)
      const late = text.replace(early, '').replaceAll('google_auth_library_1', '(require("google-auth-library"))')
      return { contents: late, loader: 'js' }
    })
  },
}
