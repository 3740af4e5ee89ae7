/** What a command says, and where. Results go to stdout; everything about them to stderr. */
export interface Console {
  /** Results. */
  readonly print: (text: string) => void;
  /** Progress of the work, silenced by --quiet. */
  readonly note: (message: string) => void;
  /** Something the user should know; one line. */
  readonly warn: (message: string) => void;
  /** Why the command fails; one line. */
  readonly fail: (message: string) => void;
}

/** The process' own streams. */
export function processConsole(quiet: boolean): Console {
  return {
    print: (text) => {
      process.stdout.write(text);
    },
    note: (message) => {
      if (!quiet) process.stderr.write(`${message}\n`);
    },
    warn: (message) => {
      process.stderr.write(`evictlab: warning: ${message}\n`);
    },
    fail: (message) => {
      process.stderr.write(`evictlab: ${message}\n`);
    },
  };
}

/** Whether tables get colours: --color and --no-color first, then NO_COLOR, then whether stdout is a terminal. */
export function wantsColor(color: boolean, noColor: boolean): boolean {
  if (noColor) return false;
  if (color) return true;
  const { NO_COLOR } = process.env;
  return process.stdout.isTTY && (NO_COLOR === undefined || NO_COLOR === '');
}
