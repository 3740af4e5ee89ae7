/**
 * The user's mistake: a bad flag, file or workload. Its message is all the user sees (exit code 2), so it says
 * what was wrong, where, what is allowed and what to do.
 */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A broken promise inside evictlab itself: always a bug, shown with its stack (exit code 1). */
export class InvariantError extends Error {
  override name = 'InvariantError';
}
