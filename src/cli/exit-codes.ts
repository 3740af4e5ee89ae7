export const EXIT_DONE = 0;
/** A regression, a failed assertion or verification, a cell that failed, a bug. */
export const EXIT_FAILED = 1;
/** The user's mistake: flag, file, format. */
export const EXIT_USAGE = 2;
/** Nothing to compare with: no baseline, or one of something else. */
export const EXIT_NOT_COMPARABLE = 3;
/** Too noisy to say whether there is a regression. */
export const EXIT_UNCLEAR = 4;
/** Interrupted, with what was finished on disk. */
export const EXIT_INTERRUPTED = 130;
