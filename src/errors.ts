/**
 * The user's mistake: a bad flag, file or workload. Its message is all the user sees (exit code 2), so it says
 * what was wrong, where, what is allowed and what to do.
 */
export class UsageError extends Error {
  override name = 'UsageError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // What crosses from a thread to another keeps its stack and loses its class: there is nothing but the message to show.
    this.stack = message;
  }
}

/** A broken promise inside evictlab itself: always a bug, shown with its stack (exit code 1). */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

/** What the system's error codes mean to whoever named the file. */
export const FILE_TROUBLES: Readonly<Partial<Record<string, string>>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder, not a file',
  EACCES: 'no permission to read it',
};

/** Why a file could not be read, in plain words; the error's own where there are none. */
export function fileTrouble(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return FILE_TROUBLES[code] ?? (error instanceof Error ? error.message : String(error));
}
