/** The suite asks for no computing: every answer comes from the gRPC thread. */
export const tasks = {}
