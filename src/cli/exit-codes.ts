export const EXIT_DONE = 0;
/** A regression, a failed assertion or verification, a cell that failed, a bug. */
export const EXIT_FAILED = 1;
/** The user's mistake: flag, file, format. */
export const EXIT_USAGE = 2;
/** Interrupted, with what was finished on disk. */
export const EXIT_INTERRUPTED = 130;
