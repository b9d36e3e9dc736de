import type { Metadata } from '@grpc/grpc-js'

/** Who answered a call, as far as the answer says. */
export interface ServedBy {
  pod: string | undefined
  process: string | undefined
  /** `inline` where no worker thread took the call. */
  worker: string | undefined
  /** How long the call waited and was computed, in milliseconds, as the replica measured it. */
  queueMs: number | undefined
  computeMs: number | undefined
}

/** Reads the trailers that replicas answer with, of an answer or of an error. */
export function servedByOf(trailers: Metadata): ServedBy {
  return {
    pod: textOf(trailers, 'evenkeel-pod'),
    process: textOf(trailers, 'evenkeel-process'),
    worker: textOf(trailers, 'evenkeel-worker'),
    queueMs: numberOf(trailers, 'evenkeel-queue-ms'),
    computeMs: numberOf(trailers, 'evenkeel-compute-ms'),
  }
}

function textOf(metadata: Metadata, name: string): string | undefined {
  return metadata.get(name)[0]?.toString()
}

function numberOf(metadata: Metadata, name: string): number | undefined {
  const value = Number(textOf(metadata, name) ?? Number.NaN)
  return value >= 0 ? value : undefined
}
