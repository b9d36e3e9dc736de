import type { Metadata, MethodDefinition, ServiceDefinition } from '@grpc/grpc-js'

/** What runs on a worker thread: takes a structured-cloneable input, returns a structured-cloneable output. */
export type Task<Input, Output> = (input: Input, context: TaskContext) => Output

/** What a task may ask of the thread that runs it. */
export interface TaskContext {
  /** Throws when the call was cancelled or its deadline has passed. One atomic read: poll it every 50 to 200 µs of work. */
  throwIfStopped: () => void
  /** Blocks the worker for `ms` milliseconds without using a core; throws at once when the call is stopped meanwhile. */
  wait: (ms: number) => void
}

/** The tasks of a workload by name; a tasks module exports one as `tasks`. */
export type Tasks = Record<string, Task<never, unknown>>

/** Options of one task. */
export interface RunOptions {
  /**
   * Guess of the computing time in milliseconds by the size of the operand. What tasks of one guess really take is learned, and used
   * to admit calls; without a guess all tasks of one name are taken for alike. Any scale will do, as long as it grows with the size.
   */
  expectedMs?: number
  /**
   * When it would wait too long: `refuse` the task (default), or `wait` all the same (further tasks of one stream). Of those
   * that wait, one call has at most as many with the workers and in the queue as there are workers.
   */
  whenFull?: 'refuse' | 'wait'
  /**
   * How the task stops when its call is over: it must `ask` (default), or cannot, being one call of native code such as OpenSSL's. Then
   * `end-thread` ends its thread at once, where that costs less than letting it finish by `expectedMs`: let that be milliseconds.
   */
  whenStopped?: 'ask' | 'end-thread'
}

/** What a handler knows of its call, and how it reaches the workers. */
export interface CallContext {
  /** Aborts when the caller went away or the deadline passed; its reason is a `CallError`. Or with what the handler threw. */
  readonly signal: AbortSignal
  /** Milliseconds since the epoch at which the call ends at the latest. */
  readonly deadlineMs: number
  /** Runs a task of the workload on a worker thread. Rejects with a `CallError`. */
  run<Output>(task: string, input: unknown, options?: RunOptions): Promise<Output>
  /** The request's headers, without those of HTTP/2 and of gRPC itself. Callers choose them: believe none, change none. */
  readonly metadata: Metadata
  /** Added to the trailers of the answer, whatever its status; fill it before the call ends. Names `evenkeel-*` and `grpc-*` are taken. */
  readonly trailers: Metadata
  /**
   * Sends the response's headers at once, before the first response; unsaid they leave with it, empty. Throws when they have left.
   * Not without need: afterwards nobody repeats the call elsewhere when this replica fails.
   */
  sendHeaders(headers: Metadata): void
  /** Says that this call was answered without a worker (trailer `evenkeel-worker: inline`). Only below about 20 µs. */
  answeredInline(): void
}

/** One request, one response. */
export type UnaryHandler<Request, Response> = (request: Request, call: CallContext) => Promise<Response> | Response
/** One request, a stream of responses. Each `yield` waits until the one before is on its way to the reader. */
export type ServerStreamHandler<Request, Response> = (request: Request, call: CallContext) => AsyncIterable<Response>
/** A stream of requests, one response. */
export type ClientStreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: CallContext,
) => Promise<Response>
/** A stream of requests, a stream of responses. When the replica drains, `requests` ends early. */
export type BidiStreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: CallContext,
) => AsyncIterable<Response>

/** The handler that fits one method of a service definition. */
export type HandlerOf<Method> =
  Method extends MethodDefinition<infer Request, infer Response>
    ? Method extends { requestStream: false; responseStream: false }
      ? UnaryHandler<Request, Response>
      : Method extends { requestStream: false; responseStream: true }
        ? ServerStreamHandler<Request, Response>
        : Method extends { requestStream: true; responseStream: false }
          ? ClientStreamHandler<Request, Response>
          : BidiStreamHandler<Request, Response>
    : never

/** One handler per method of a service definition. */
export type HandlersOf<Definition> = { [Name in keyof Definition]: HandlerOf<Definition[Name]> }

/** What a team brings: a gRPC service, a handler per method, and the tasks that compute. */
export interface Workload<Definition extends ServiceDefinition = ServiceDefinition> {
  /** Short name for logs and metrics. */
  name: string
  /** The service as ts-proto generates it (`outputServices=grpc-js`). */
  service: Definition
  /** One handler per method; they run on the gRPC thread and must not compute for long. */
  handlers: HandlersOf<Definition>
  /** The module that worker threads load; it exports `tasks`, and may export `warmUp(tasks)`. */
  tasks: URL
  /** True when every method may be repeated after a broken connection. Decides whether the proxy retries on `reset`. */
  idempotent: boolean
  /** A FileDescriptorSet (protoc --include_imports) with the service, for reflection; without it there is none. */
  descriptors?: URL
}

/** Checks handlers against the service definition; returns the workload as it is. */
export function defineWorkload<const Definition extends ServiceDefinition>(
  workload: Workload<Definition>,
): Workload<Definition> {
  return workload
}

/**
 * The URL of a module that lies beside the caller's, with the caller's own extension: `.ts` in a clone, `.js` once built.
 * Worker threads load modules by URL, and no compiler rewrites those.
 */
export function moduleBeside(name: string, importMetaUrl: string): URL {
  const extension = importMetaUrl.slice(importMetaUrl.lastIndexOf('.'))
  return new URL(`./${name}${extension}`, importMetaUrl)
}
