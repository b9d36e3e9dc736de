import { setTimeout as pause } from 'node:timers/promises'
import { Metadata } from '@grpc/grpc-js'
import type { CallContext } from '../../../chassis/workload.ts'
import type {
  ConformancePayload,
  ConformancePayload_RequestInfo,
  StreamResponseDefinition,
} from '../../../gen/connectrpc/conformance/v1/service.ts'
import type { Any } from '../../../gen/google/protobuf/any.ts'
import { addHeaders } from './headers.ts'
import { errorOf, requestInfo } from './request-info.ts'

/** A response of a stream. */
interface Response {
  payload: ConformancePayload
}

/** The responses that a stream's definition asks for, one after the other. */
export class ResponseStream {
  readonly #definition: StreamResponseDefinition | undefined
  readonly #call: CallContext
  #sent = 0

  constructor(definition: StreamResponseDefinition | undefined, call: CallContext) {
    this.#definition = definition
    this.#call = call
    if (definition) addHeaders(call.trailers, definition.responseTrailers)
  }

  /** Sends the headers at once, so that the caller need not wait for the first response. */
  begin(): void {
    const { responseData = [], responseHeaders = [] } = this.#definition ?? {}
    // Without responses and headers an error is Trailers-Only.
    if (responseData.length + responseHeaders.length === 0) return
    this.#call.sendHeaders(addHeaders(new Metadata(), responseHeaders))
  }

  /** True while there is one more to send. */
  get hasNext(): boolean {
    return this.#sent < (this.#definition?.responseData.length ?? 0)
  }

  /** The next response, after its delay: the first says all of the call, later ones the requests since, where `requests` are given. */
  async next(requests?: Any[]): Promise<Response> {
    const { responseData = [], responseDelayMs = 0 } = this.#definition ?? {}
    const data = responseData[this.#sent] ?? Buffer.alloc(0)
    const info = this.#sent === 0 ? requestInfo(this.#call, requests ?? []) : requests && onlyRequests(requests)
    if (responseDelayMs > 0) await pause(responseDelayMs, undefined, { signal: this.#call.signal })
    this.#sent += 1
    return { payload: { data, requestInfo: info } }
  }

  /** Throws the error that is asked for, if one is. */
  end(requests: Any[]): void {
    const { error } = this.#definition ?? {}
    if (error) throw errorOf(error, this.#sent === 0 ? requestInfo(this.#call, requests) : undefined)
  }
}

function onlyRequests(requests: Any[]): ConformancePayload_RequestInfo {
  return { requestHeaders: [], timeoutMs: undefined, requests, connectGetInfo: undefined }
}
