/**
 * Asked by every long loop here after each 50 to 200 microseconds of work. To stop the work it throws an error of the
 * caller's own choice, which passes through unchanged; otherwise it returns.
 */
export type Poll = () => void

/** For work that nobody will stop. */
export const neverStop: Poll = () => undefined
