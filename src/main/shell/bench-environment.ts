/**
 * What a bench's own process is started with. glibc keeps memory apart for each thread, and after the first large image that is freed it
 * cuts images of megabytes out of its heap too, where what lies between them holds it: so it grew with a scan. Two places for all threads, and
 * images, crops and tensors straight from the system, to which they go back (mallopt(3); read when a process starts). What comes straight from the system
 * is new memory each time, which Linux then hands out page by page at a sixteenth of all processor time: in large pages (glibc 2.35's tunable), where the
 * system leaves that to programs, it costs next to nothing. Other systems and Electron's own allocator look at none of the three.
 */
export const benchEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '400000',
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  ...environment,
})
