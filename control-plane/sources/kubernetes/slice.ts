import { z } from 'zod'

const condition = z.boolean().nullish()

const endpoint = z.object({
  addresses: z.array(z.string()).min(1),
  conditions: z.object({ ready: condition, serving: condition, terminating: condition }).nullish(),
  zone: z.string().nullish(),
})

const port = z.object({ name: z.string().nullish(), port: z.number().nullish(), protocol: z.string().nullish() })

/** What is read of an EndpointSlice (discovery.k8s.io/v1). The server leaves out lists that are empty, or says null. */
export const sliceSchema = z.object({
  metadata: z.object({
    name: z.string(),
    resourceVersion: z.string(),
    creationTimestamp: z.string().nullish(),
  }),
  addressType: z.string(),
  endpoints: z.array(endpoint).nullish(),
  ports: z.array(port).nullish(),
})

/** A part of the endpoints of one Service: up to 1000 of one family of addresses with the same ports. */
export type Slice = z.infer<typeof sliceSchema>

/** One endpoint of a slice. */
export type SliceEndpoint = z.infer<typeof endpoint>
