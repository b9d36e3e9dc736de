// Loaded before a command whose standard error a test reads: the command takes the pipe for a terminal of 100 columns.
Object.assign(process.stderr, { isTTY: true, columns: 100 })
