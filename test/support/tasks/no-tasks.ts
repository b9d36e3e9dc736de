/** A module that is no tasks module. */
export const answer = 42
