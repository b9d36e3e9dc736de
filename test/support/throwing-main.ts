// The main module of a workload of one's own that cannot even be loaded.
throw new Error('no licence')
