import { imageValue } from '../support/images.ts'
import { installChart } from '../support/install-chart.ts'
import type { Step } from '../support/run-step.ts'
import { baseValues } from '../support/values.ts'
import { restart } from './restart.ts'

/** A server in Go that knows nothing of ours, in place of it. */
export const foreign: Step = {
  ...restart('service'),
  name: 'foreign-image',
  title: 'an image in another language is called evenly, and rolled out without a lost call',
  callers: ['foreign'],
  prepare: ({ kubectl }) => {
    const service = { image: imageValue('foreign-go'), chassis: false, replicas: 3 }
    return installChart(kubectl, { ...baseValues(), service, proxyless: { enabled: false } })
  },
}
