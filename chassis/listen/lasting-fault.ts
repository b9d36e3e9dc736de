/**
 * Takes what each reading of files found, and tells of a fault once: when the reading after finds it again, and not again
 * before another or none is found. Files that are renewed one after the other do not fit each other for a moment.
 */
export function lastingFault(tell: (fault: Error) => void): (found: Error | undefined) => void {
  let last: string | undefined
  let told: string | undefined
  return (found) => {
    const again = found !== undefined && found.message === last
    last = found?.message
    if (again && told !== last) tell(found)
    if (again || found === undefined) told = last
  }
}
